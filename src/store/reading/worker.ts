import * as v from 'valibot';
import { EaselError, said, toEaselError } from '../../core/errors';
import { decodePicture } from './decode-picture';
import { type Answer, QuestionSchema } from './messages';
import { readCanvas } from './read-canvas';
import { readSettings } from './read-settings';

const port = globalThis as unknown as {
  postMessage(answer: Answer, transfer?: Transferable[]): void;
  onmessage(event: MessageEvent<unknown>): void;
};

/** The memory of all bytes in an answer, which goes over to the page instead of being copied there. */
function buffersIn(value: unknown): Transferable[] {
  if (ArrayBuffer.isView(value)) return [value.buffer];
  if (value instanceof Map) return [...value.values()].flatMap(buffersIn);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(buffersIn) : [];
}

async function answerTo(data: unknown): Promise<unknown> {
  const read = v.safeParse(QuestionSchema, data);
  if (!read.success)
    throw new EaselError('bad-request', said`What reads files was asked something that it does not know.`);
  const question = read.output;
  switch (question.reader) {
    case 'decodePicture':
      return decodePicture(...question.args);
    case 'readCanvas':
      return readCanvas(...question.args);
    case 'readSettings':
      return readSettings(...question.args);
    default:
      return question satisfies never;
  }
}

port.onmessage = async ({ data }) => {
  try {
    const value = await answerTo(data);
    port.postMessage({ ok: true, value }, buffersIn(value));
  } catch (thrown) {
    const { code, said } = toEaselError(thrown);
    port.postMessage({ ok: false, error: { code, said } });
  }
};
