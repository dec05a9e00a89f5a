/**
 * Looks after models on this device, in a worker: there the browser writes files in place, and hashing gigabytes holds
 * nobody up. Downloads are asked for by the manifest and the channel, the rest by message, and so come the person's
 * keys.
 */
import { browserChannel, browserNetwork, openBrowserStore } from './browser-ports';
import { Downloads } from './download/downloads';
import { openOpfs } from './files/opfs';
import { serveLibrary } from './serve';
import type { SiteKeys } from './sources/site-keys';

let keys: SiteKeys | undefined;
const store = openBrowserStore();
const channel = browserChannel();
const network = browserNetwork((host) => keys?.[host]);
const queue = store.then((opened) => new Downloads({ store: opened, network, channel }));

async function run(): Promise<void> {
  const downloads = await queue;
  addEventListener('online', () => downloads.retryNow());
  await downloads.run(new AbortController().signal);
}

serveLibrary(self, {
  store,
  earlier: () => openOpfs('library'),
  onKeys(given) {
    const isOther = keys !== undefined;
    keys = given;
    if (isOther) void queue.then((downloads) => downloads.retryRefused());
  },
  onChanged: () => channel.post({ kind: 'changed' }),
});
void run();
