import * as v from 'valibot';
import { convertTensor, FLOAT_DTYPES, PRECISIONS } from './dtypes';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A tensor as it lies in a file, and what a graph wants of it. */
const ConversionSchema = v.object({
  file: v.instance(Blob),
  start: count,
  end: count,
  from: v.picklist(FLOAT_DTYPES),
  to: v.picklist(PRECISIONS),
  layout: v.object({ rows: count, columns: count, transposed: v.boolean() }),
});
export type Conversion = v.InferOutput<typeof ConversionSchema>;

/** What a helper gives (conversion-helper.ts): undefined where it could not read or had no memory. */
const AnswerSchema = v.optional(v.custom<Uint8Array<ArrayBuffer>>((bytes) => bytes instanceof Uint8Array));
export type Answer = v.InferOutput<typeof AnswerSchema>;

interface Task {
  conversion: Conversion;
  done(bytes: Answer): void;
}

/** What this needs of a worker. */
export type Helper = Pick<Worker, 'onmessage' | 'onerror' | 'postMessage' | 'terminate'>;

/** Helpers without work end after so long: each holds some megabytes. */
const REST_MS = 3000;

/** Workers that read tensors from files and convert them, each one at a time; started when there is work for them. */
export class ConversionHelpers {
  readonly #waiting: Task[] = [];
  readonly #idle: Helper[] = [];
  #started = 0;
  #failed = false;
  #rest: ReturnType<typeof setTimeout> | undefined;

  /** @param most at a time */
  constructor(
    readonly start: () => Helper,
    readonly most: number,
  ) {}

  /** @returns undefined where the caller has to do it itself: no helper could be started, or it could not read. */
  convert(conversion: Conversion): Promise<Answer> {
    if (this.#failed) return Promise.resolve(undefined);
    return new Promise((done) => {
      this.#waiting.push({ conversion, done });
      if (this.#idle.length === 0 && this.#started < this.most) this.#startOne();
      this.#goOn();
    });
  }

  #startOne(): void {
    try {
      this.#idle.push(this.start());
      this.#started++;
    } catch {
      this.#fail();
    }
  }

  #goOn(): void {
    clearTimeout(this.#rest);
    while (this.#waiting.length > 0) {
      const helper = this.#idle.pop();
      if (!helper) return;
      const task = this.#waiting.shift()!;
      helper.onmessage = ({ data }: MessageEvent<unknown>) => {
        this.#idle.push(helper);
        task.done(v.is(AnswerSchema, data) ? data : undefined);
        this.#goOn();
      };
      helper.onerror = () => {
        task.done(undefined);
        this.#fail();
      };
      helper.postMessage(task.conversion);
    }
    this.#rest = setTimeout(() => this.#end(), REST_MS);
  }

  /** A script that does not come now will not come later. */
  #fail(): void {
    this.#failed = true;
    for (const { done } of this.#waiting.splice(0)) done(undefined);
  }

  #end(): void {
    this.#started -= this.#idle.length;
    for (const helper of this.#idle.splice(0)) helper.terminate();
  }
}

let helpers: ConversionHelpers | undefined;

/**
 * Connects what starts a helper, a worker that runs conversion-helper.ts. Without, all is converted where it is read.
 */
export function connectConversionHelpers(start: () => Helper, cores = globalThis.navigator?.hardwareConcurrency ?? 2) {
  helpers = new ConversionHelpers(start, Math.min(MAX_HELPERS, Math.max(1, Math.floor(cores / 2))));
}

/** Beyond these the disk or the browser's own reading is what they would wait for. */
const MAX_HELPERS = 6;

/** How many conversions go on at a time where somebody asks for several. */
export const conversionsAtOnce = (): number => helpers?.most ?? 1;

/** Reads and converts a tensor in a helper; undefined where there is none, or it could not. */
export const convertApart = async (conversion: Conversion): Promise<Answer> => helpers?.convert(conversion);

/**
 * Gives an array's memory back where it is the only one over it, since the garbage collector would come gigabytes
 * later: it is sent away, to where nobody listens. `ArrayBuffer.transfer` would not do. Chromium holds what came from a
 * file or by a message a second time, outside of V8, which then no longer counts it, so that nothing is collected at
 * all (120 buffers of 8 MB, each let go before the next: 979 MB; sent away: 275).
 */
export function free({ buffer, byteLength }: Uint8Array): void {
  const isWhole = byteLength === buffer.byteLength;
  if (isWhole && buffer instanceof ArrayBuffer) nowhere().postMessage(undefined, [buffer]);
}

let away: MessagePort | undefined;

/** A port whose other end is closed. */
function nowhere(): MessagePort {
  if (away) return away;
  const { port1, port2 } = new MessageChannel();
  port2.close();
  away = port1;
  return port1;
}

/** What a helper does with a message; undefined for one that is no `Conversion`. */
export async function readAndConvert(message: unknown): Promise<Answer> {
  try {
    const { file, start, end, from, to, layout } = v.parse(ConversionSchema, message);
    const bytes = new Uint8Array(await file.slice(start, end).arrayBuffer());
    const converted = convertTensor(bytes, from, to, layout) as Uint8Array<ArrayBuffer>;
    if (converted.buffer !== bytes.buffer) free(bytes);
    return converted;
  } catch {
    return undefined; // whoever asked tries again and says what is wrong
  }
}
