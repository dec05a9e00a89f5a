/** The lab: what the settings do, shown by the functions that do it. */
export default function Lab() {
  return <main aria-label="Lab" />;
}
