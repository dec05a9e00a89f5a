/**
 * The page's service worker. It keeps the files of its own version, so that the page opens without a network; it makes
 * the page cross-origin isolated where its host does not; and it takes what other programs share with the page.
 *
 * The first one serves at once, since a page may wait for its headers, and fills its cache when the page asks for it:
 * after the model, whose files then lie in the browser's HTTP cache. Until it is whole, nothing but pages and workers'
 * scripts passes through here: the first visit is as fast as without.
 *
 * A later one fills its cache first, and then waits until no page of the older version is open, or the last one asks
 * for it.
 */
import { isolated, needsIsolation } from './isolation-headers';
import { failed, readRequest, type WorkerReply, type WorkerRequest } from './messages';
import { keepShared, SHARE_ACTION, SHARED_QUERY } from './shared-items';
import { neededFiles, type ShippedVersion } from './shipped-files';
import { VersionCache } from './version-cache';

/** Written in by the build (`cli/service-worker.ts`). */
declare const SHIPPED: ShippedVersion;

const worker = globalThis as unknown as ServiceWorkerGlobalScope;
const folder = worker.registration.scope;
const files = new VersionCache(SHIPPED.version, neededFiles(SHIPPED.files), {
  caches: worker.caches,
  fetch: (address, init) => fetch(address, init),
  folder,
});

worker.addEventListener('install', (event) => {
  event.waitUntil(worker.registration.active ? files.fill() : worker.skipWaiting());
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(removeOlder());
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'POST' && request.url === folder + SHARE_ACTION) event.respondWith(takeShare(request));
  if (request.method !== 'GET' || new URL(request.url).origin !== worker.location.origin) return;
  // Chromium: a same-origin-only request from the cache alone cannot be made here.
  if (request.cache === 'only-if-cached' && request.mode !== 'same-origin') return;
  if (files.knownWhole === false && !needsIsolation(request.destination)) return;
  event.respondWith(answer(request));
});

worker.addEventListener('message', (event) => {
  const request = readRequest(event.data);
  const [port] = event.ports;
  if (!request || !port) return;
  const done = act(request).catch(failed);
  event.waitUntil(done.then((reply) => port.postMessage(reply)));
});

/** The caches of older versions, once this one needs nothing of them. */
async function removeOlder(): Promise<void> {
  if (await files.isWhole()) await files.removeOthers();
}

async function answer(request: Request): Promise<Response> {
  return isolated((await files.match(request.url)) ?? (await fetch(request)), request.destination);
}

async function takeShare(request: Request): Promise<Response> {
  await keepShared(await request.formData(), worker.caches, folder);
  return Response.redirect(folder + SHARED_QUERY, 303);
}

async function act(request: WorkerRequest): Promise<WorkerReply> {
  switch (request) {
    case 'keep-files':
      await files.fill();
      await files.removeOthers();
      // The page that has asked came from the network: what it has not fetched yet, it now has from here.
      await worker.clients.claim();
      return { kind: 'done' };
    case 'take-over': {
      const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
      if (pages.length > 1) return { kind: 'others-open', count: pages.length - 1 };
      await worker.skipWaiting();
      return { kind: 'done' };
    }
    default:
      return request satisfies never;
  }
}
