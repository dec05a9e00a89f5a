/** Goes to a view, as a link to it does. */
export function showView(id: 'paint' | 'canvas'): void {
  window.location.hash = id;
}
