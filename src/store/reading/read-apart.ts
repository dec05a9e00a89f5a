import * as v from 'valibot';
import { EaselError, said } from '../../core/errors';
import { AnswerSchema, type Readers, VALUES } from './messages';

let startReader: (() => Worker) | undefined;

/** Connects what starts the readers' worker, whose script the page has to trust. */
export function connectReaders(start: () => Worker): void {
  startReader = start;
}

/**
 * Calls one of the readers of files in a worker of its own, which ends with it: whatever a file unpacks to, the page
 * goes on meanwhile and its memory is free afterwards.
 * @throws EaselError as the reader does, `internal` where the worker stops or gives what no reader gives
 */
export async function readApart<R extends keyof Readers>(
  reader: R,
  ...args: Parameters<Readers[R]>
): Promise<Awaited<ReturnType<Readers[R]>>> {
  if (!startReader) throw new EaselError('internal', said`What reads files is not connected yet. Try again.`);
  const worker = startReader();
  try {
    const data = await new Promise<unknown>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<unknown>) => resolve(data);
      worker.onerror = ({ message }) =>
        reject(
          new EaselError('internal', said`What reads files stopped (${message || said`unknown reason`}). Try again.`),
        );
      worker.postMessage({ reader, args });
    });
    const answer = checked(AnswerSchema, data);
    if (!answer.ok) throw new EaselError(answer.error.code, answer.error.said);
    return checked(VALUES[reader], answer.value);
  } finally {
    worker.terminate();
  }
}

function checked<T>(schema: v.GenericSchema<unknown, T>, value: unknown): T {
  const read = v.safeParse(schema, value);
  if (read.success) return read.output;
  const field = v.getDotPath(read.issues[0]) ?? said`all of it`;
  throw new EaselError('internal', said`What reads files gave an answer that is none (${field}). Reload the page.`);
}
