import type { Clock, Network } from './download/download-file';
import type { Channel, DownloadNews } from './download/downloads';
import type { StorageDirectory } from './files/directory';
import { ModelStore } from './files/model-store';
import { openOpfs } from './files/opfs';
import { withKeys } from './sources/site-keys';

const BROWSER_CLOCK: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      // A timer of more than 24 days would end at once.
      const timer = ms < 2 ** 31 ? setTimeout(resolve, ms) : undefined;
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    }),
};

/** What the tabs of this browser tell each other of downloads. */
export function browserChannel(): Channel {
  const others = new BroadcastChannel('easel.downloads');
  const hearers = new Set<(news: DownloadNews) => void>();
  const tell = (news: DownloadNews) => {
    for (const hear of [...hearers]) hear(news);
  };
  others.addEventListener('message', ({ data }: MessageEvent<DownloadNews>) => tell(data));
  return {
    post(news) {
      others.postMessage(news);
      tell(news);
    },
    listen(hear) {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
  };
}

/** The store of this browser, as every tab and worker has it. */
export async function openBrowserStore(directory?: StorageDirectory): Promise<ModelStore> {
  return new ModelStore({
    directory: directory ?? (await openOpfs('models')),
    locks: navigator.locks,
    estimate: () => navigator.storage.estimate(),
    now: Date.now,
    newName: () => crypto.randomUUID(),
  });
}

/** The network of this browser. @param keyOf a person's key for a site, where they gave one */
export function browserNetwork(keyOf: Parameters<typeof withKeys>[0]): Network {
  return {
    fetch: (input, init) => fetch(input, init),
    clock: BROWSER_CLOCK,
    authorize: withKeys(keyOf),
    online: () => navigator.onLine,
  };
}
