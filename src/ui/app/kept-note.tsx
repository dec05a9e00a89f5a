import { useVersions } from '../../store/program/versions';

/** Whether the page would open without a network, in a sentence. */
export function KeptNote() {
  const kept = useVersions((state) => state.kept);
  switch (kept.kind) {
    case 'unknown':
      return null;
    case 'keeping':
      return <p>Saving Easel for offline use …</p>;
    case 'kept':
      return <p>Ready offline: Easel, the starter and installed models need no network.</p>;
    case 'not-kept':
      return <p>Not ready offline. {kept.why}</p>;
    default:
      return kept satisfies never;
  }
}
