import type { Page } from 'playwright/test';
import { expect, largestDifference, test } from './fixtures/easel';
import { inWorkersFirst } from './fixtures/workers';

test.use({ starter: 'tiny' });

/**
 * Browsers whose WebAssembly cannot suspend (Safari, Chrome on Android) run onnxruntime's Asyncify build. Chromium has
 * no switch for that any more, so here the engine's worker forgets it.
 */
const FORGET_SUSPENDING = 'delete WebAssembly.Suspending';

/** Addresses of all that the page and its workers ask for, from now on. */
function requestsOf(page: Page): string[] {
  const addresses: string[] = [];
  page.context().on('request', (request) => addresses.push(request.url()));
  return addresses;
}

/** onnxruntime's binaries among them: `asyncify` or `jspi`, each once. */
const buildsAmong = (addresses: readonly string[]) =>
  new Set(addresses.flatMap((address) => /ort-wasm.*\.(asyncify|jspi)[^/]*\.wasm/.exec(address)?.[1] ?? []));

test('a browser that cannot suspend WebAssembly paints the same picture, and asks nobody else for code', async ({
  easel,
  page,
}) => {
  const paint = async () => {
    await easel.open();
    await easel.set({ steps: 2, seed: 3 });
    await easel.prompt.fill('a fox');
    await easel.paint();
    return easel.pixels();
  };
  const remember = await inWorkersFirst(page, FORGET_SUSPENDING);
  const asked = requestsOf(page);
  const picture = await paint();
  expect(buildsAmong(asked)).toEqual(new Set(['asyncify']));
  await remember();
  expect(largestDifference(picture, await paint())).toBeLessThanOrEqual(1);
  expect(buildsAmong(asked)).toEqual(new Set(['asyncify', 'jspi']));
  const { origin } = new URL(page.url());
  expect(asked.filter((address) => /^https?:/.test(address) && new URL(address).origin !== origin)).toEqual([]);
});
