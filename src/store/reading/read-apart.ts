import { EaselError } from '../../core/errors';
import type { Answer, Readers } from './worker';

/**
 * Calls one of the readers of files in a worker of its own, which ends with it: whatever a file unpacks to, the page goes on meanwhile and its memory is free
 * afterwards.
 * @throws EaselError as the reader does
 */
export async function readApart<R extends keyof Readers>(
  reader: R,
  ...args: Parameters<Readers[R]>
): Promise<Awaited<ReturnType<Readers[R]>>> {
  type Value = Awaited<ReturnType<Readers[R]>>;
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  try {
    const answer = await new Promise<Answer<Value>>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Answer<Value>>) => resolve(data);
      worker.onerror = ({ message }) =>
        reject(new EaselError('internal', `What reads files stopped (${message || 'unknown reason'}). Try again.`));
      worker.postMessage({ reader, args });
    });
    if (!answer.ok) throw new EaselError(answer.error.code, answer.error.message);
    return answer.value;
  } finally {
    worker.terminate();
  }
}
