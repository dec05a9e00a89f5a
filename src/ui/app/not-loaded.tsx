/** Stands where a view's own code could not be fetched. */
export function NotLoaded() {
  return (
    <main className="view-loading" aria-label="View">
      <p>This part of the page could not be loaded. Check the connection, then reload the page; nothing is lost.</p>
      <button type="button" className="button" onClick={() => window.location.reload()}>
        Reload
      </button>
    </main>
  );
}
