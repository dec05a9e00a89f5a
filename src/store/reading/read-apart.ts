import { EaselError } from '../../core/errors';
import type { Answer, Readers } from './worker';

let startReader: (() => Worker) | undefined;

/** Connects what starts the readers' worker, whose script the page has to trust. */
export function connectReaders(start: () => Worker): void {
  startReader = start;
}

/**
 * Calls one of the readers of files in a worker of its own, which ends with it: whatever a file unpacks to, the page
 * goes on meanwhile and its memory is free afterwards.
 * @throws EaselError as the reader does
 */
export async function readApart<R extends keyof Readers>(
  reader: R,
  ...args: Parameters<Readers[R]>
): Promise<Awaited<ReturnType<Readers[R]>>> {
  type Value = Awaited<ReturnType<Readers[R]>>;
  if (!startReader) throw new EaselError('internal', 'What reads files is not connected yet. Try again.');
  const worker = startReader();
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
