/**
 * Downloads models, in a worker: there the browser writes files in place, and hashing gigabytes holds nobody up. The
 * page asks for downloads by the manifest and the channel; only keys come by message, since they are written nowhere.
 */
import { browserChannel, browserNetwork, openBrowserStore } from './browser-ports';
import { Downloads } from './download/downloads';
import type { SiteKeys } from './sources/site-keys';

let keys: SiteKeys = {};

async function run(): Promise<void> {
  const network = browserNetwork((host) => keys[host]);
  const downloads = new Downloads({ store: await openBrowserStore(), network, channel: browserChannel() });
  addEventListener('online', () => downloads.retryNow());
  addEventListener('message', ({ data }: MessageEvent<SiteKeys>) => {
    keys = data;
  });
  await downloads.run(new AbortController().signal);
}

void run();
