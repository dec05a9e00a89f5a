import type { BrowserContext, Page } from 'playwright';

/** A tab of the page's address that is no Easel, but may open Easel's database. */
export async function bareTab(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.route('**/bare.html', (route) => route.fulfill({ contentType: 'text/html', body: '<p>bare</p>' }));
  await page.goto(new URL('bare.html', address).href);
  return page;
}

/** What a Node program knows of the page's IndexedDB. */
interface Database extends EventTarget {
  objectStoreNames: { contains(name: string): boolean };
  createObjectStore(name: string, options?: object): { createIndex(name: string, path: string): void };
  transaction(store: string): { objectStore(name: string): { getAllKeys(): EventTarget & { result: unknown[] } } };
}
interface Factory {
  databases(): Promise<{ version: number }[]>;
  open(name: string, version: number): EventTarget & { result: Database };
}

/**
 * Opens the database as an Easel of another version does that heeds nobody: it holds on to it until its tab is closed.
 * @param version `newer` than the one that is there, or the `first` that there ever was
 * @returns how many results and steps of canvases lie there
 */
export function holdDatabase(tab: Page, version: 'newer' | 'first'): Promise<{ results: number; steps: number }> {
  return tab.evaluate(async (wanted) => {
    const { indexedDB } = globalThis as unknown as { indexedDB: Factory };
    const opening = indexedDB.open('easel', wanted === 'first' ? 1 : (await indexedDB.databases())[0].version + 1);
    opening.addEventListener('upgradeneeded', () => {
      if (wanted !== 'first') return;
      const results = opening.result.createObjectStore('results', { keyPath: 'id' });
      results.createIndex('number', 'number');
      results.createIndex('picture', 'picture');
      opening.result.createObjectStore('pictures');
    });
    const done = (request: EventTarget) =>
      new Promise((resolve, reject) => {
        request.addEventListener('success', resolve);
        request.addEventListener('error', reject);
      });
    await done(opening);
    const database = opening.result;
    Object.assign(globalThis, { held: database }); // else it is closed as garbage
    const keysOf = async (store: string) => {
      if (!database.objectStoreNames.contains(store)) return [];
      const reading = database.transaction(store).objectStore(store).getAllKeys();
      await done(reading);
      return reading.result;
    };
    const steps = (await keysOf('canvases')).filter((key) => String((key as string[])[1]).startsWith('step'));
    return { results: (await keysOf('results')).length, steps: steps.length };
  }, version);
}
