import type { Clock } from './download/download-file';
import type { Channel, DownloadNews } from './download/downloads';

export const BROWSER_CLOCK: Clock = {
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

/** A name that no other file has. */
export const newFileName = () => crypto.randomUUID();
