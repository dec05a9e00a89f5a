import type { BrowserContext, Page } from 'playwright';

/** A tab of the page's address that is no Easel, but may open Easel's database. */
export async function bareTab(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.route('**/bare.html', (route) => route.fulfill({ contentType: 'text/html', body: '<p>bare</p>' }));
  await page.goto(new URL('bare.html', address).href);
  return page;
}

/**
 * Opens the database as an Easel of another version does that heeds nobody: it holds on to it until its tab is closed.
 * @param version `newer` than the one that is there, or the `first` that there ever was
 * @returns how many results and steps of canvases lie there
 */
export function holdDatabase(tab: Page, version: 'newer' | 'first'): Promise<{ results: number; steps: number }> {
  return tab.evaluate(`(${HOLD})(${JSON.stringify(version)})`);
}

/** Runs in the tab. */
const HOLD = `async (version) => {
  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const number = version === 'first' ? 1 : (await indexedDB.databases())[0].version + 1;
  const opening = indexedDB.open('easel', number);
  opening.onupgradeneeded = () => {
    if (version !== 'first') return;
    const results = opening.result.createObjectStore('results', { keyPath: 'id' });
    results.createIndex('number', 'number');
    results.createIndex('picture', 'picture');
    opening.result.createObjectStore('pictures');
  };
  const database = await done(opening);
  globalThis.held = database; // else it is closed as garbage
  const keysOf = async (store) =>
    database.objectStoreNames.contains(store) ? done(database.transaction(store).objectStore(store).getAllKeys()) : [];
  const steps = (await keysOf('canvases')).filter(([, part]) => part.startsWith('step'));
  return { results: (await keysOf('results')).length, steps: steps.length };
}`;
