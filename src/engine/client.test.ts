import { beforeEach, describe, expect, it } from 'vitest';
import { type EaselError, said } from '../core/errors';
import { DEFAULT_REQUEST } from '../core/request/request';
import { failure } from '../model/fixtures/failure';
import { PLAIN_INFO } from '../model/fixtures/plain-info';
import { createEngineClient, type EngineClient, type WorkerLike } from './client';
import type { LoadedModel, ToEngine, ToPage } from './protocol';

/** Time that passes when the test says so. */
class FakeClock {
  #now = 0;
  readonly #due = new Set<{ at: number; run: () => void }>();

  after(ms: number, run: () => void): () => void {
    const entry = { at: this.#now + ms, run };
    this.#due.add(entry);
    return () => this.#due.delete(entry);
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const entry of this.#due) {
      if (entry.at > this.#now) continue;
      this.#due.delete(entry);
      entry.run();
    }
  }

  get waiting(): number {
    return this.#due.size;
  }
}

/** A worker that answers only where the test does it. */
class MuteWorker implements WorkerLike {
  onmessage: WorkerLike['onmessage'] = null;
  onerror: WorkerLike['onerror'] = null;
  onended: WorkerLike['onended'] = null;
  readonly sent: ToEngine[] = [];
  terminated = false;

  postMessage(message: unknown): void {
    this.sent.push(message as ToEngine);
  }

  terminate(): void {
    this.terminated = true;
  }

  say(message: ToPage): void {
    this.onmessage?.({ data: message } as MessageEvent);
  }

  /** Answers the last call of a method. */
  answer(method: ToEngine['method'], value: unknown = PLAIN[method]): void {
    const id = this.sent.findLast((call) => call.method === method)?.id;
    this.say({ id, ok: true, method, value } as ToPage);
  }
}

const LOADED: LoadedModel = {
  info: PLAIN_INFO,
  device: { provider: 'wasm', precision: 'float32', name: '2 threads', threads: 2, reason: said`A test.` },
  loadMs: 1,
};
/** What an engine answers where a test asks for nothing in particular. */
const PLAIN: Partial<Record<ToEngine['method'], unknown>> = { load: LOADED, attach: [] };

const REQUEST = { ...DEFAULT_REQUEST, prompt: 'a fox', seed: 1 };
const LOAD = { source: { kind: 'url', base: 'models/' }, device: 'wasm', vocabulary: 'models/clip/' } as const;
const NAMED = { name: 'a.safetensors', file: new Blob() };

let clock: FakeClock;
let workers: MuteWorker[];
let stopped: EaselError[];
let silences: number;
let client: EngineClient;

beforeEach(() => {
  clock = new FakeClock();
  workers = [];
  stopped = [];
  silences = 0;
  const spawn = () => {
    const worker = new MuteWorker();
    workers.push(worker);
    return worker;
  };
  client = createEngineClient(spawn, 'http://localhost/', {
    clock,
    onStopped: (error) => stopped.push(error),
    onSilence: () => silences++,
  });
});

/** The code a call ends with; undefined while it waits. */
async function endOf(call: Promise<unknown>): Promise<string | undefined> {
  let end: string | undefined;
  call.then(
    () => {
      end = 'answered';
    },
    (error: EaselError) => {
      end = error.code;
    },
  );
  await new Promise((resolve) => setTimeout(resolve, 0));
  return end;
}

const step = (id: number, msPerStep: number): ToPage => ({
  id,
  event: { type: 'step', step: 1, of: 20, picture: 0, pictures: 1, msPerStep },
});

describe('cancelling', () => {
  it('ends a worker that leaves it unanswered for 5 s, and all that waits for it', async () => {
    const stop = new AbortController();
    const calls = [
      client.generate(REQUEST, undefined, undefined, stop.signal),
      client.attach('adapter', [NAMED]),
      client.attach('vae', [NAMED]),
      client.identify(NAMED),
      client.countTokens('a fox'),
      client.statistics(),
      client.walk(REQUEST, { seed: 2, share: 0.5 }),
    ];
    stop.abort();
    expect(workers[0].sent.at(-1)).toMatchObject({ method: 'cancel', args: [1] });
    clock.pass(4999);
    expect(workers[0].terminated).toBe(false);
    clock.pass(1);
    expect(workers[0].terminated).toBe(true);
    const ends = await Promise.all(calls.map(endOf));
    expect(new Set(ends)).toEqual(new Set(['engine-stopped']));
    expect(stopped.map(({ code, message }) => [code, message])).toEqual([
      ['engine-stopped', 'The engine did not answer to Cancel for 5 s and was ended. Load the model again.'],
    ]);
    expect(clock.waiting).toBe(0);
    // What is asked for from now on is not sent to nobody.
    expect(await endOf(client.generate(REQUEST, undefined))).toBe('engine-stopped');
    expect(await endOf(client.countTokens('a fox'))).toBe('engine-stopped');
  });

  it('is told what only a report needs of an error', async () => {
    const asked = client.identify(NAMED);
    workers[0].say({ id: 1, ok: false, error: { code: 'unsupported', said: said`No.`, details: 'it has "x"' } });
    expect(await failure(asked)).toMatchObject({ message: 'No.', details: 'it has "x"' });
  });

  it('names the call it ends; one that was cancelled before it was sent is not sent', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const runs = [first, second].map(({ signal }) => client.generate(REQUEST, undefined, undefined, signal));
    second.abort();
    expect(workers[0].sent.filter(({ method }) => method === 'cancel')).toMatchObject([{ args: [2] }]);
    workers[0].answer('cancel');
    workers[0].say({ id: 2, ok: false, error: { code: 'aborted', said: said`Cancelled.` } });
    expect(await Promise.all(runs.map(endOf))).toEqual([undefined, 'aborted']);
    expect(await endOf(client.attach('vae', [NAMED], undefined, AbortSignal.abort()))).toBe('aborted');
    expect(workers[0].sent.map(({ method }) => method)).not.toContain('attach');
  });

  it('ends a worker that answers to it and then does not end the call within a minute', async () => {
    const stop = new AbortController();
    const run = client.generate(REQUEST, undefined, undefined, stop.signal);
    stop.abort();
    workers[0].answer('cancel');
    expect(await endOf(run)).toBeUndefined();
    clock.pass(59_999);
    expect(workers[0].terminated).toBe(false);
    clock.pass(1);
    expect((await failure(run)).code).toBe('engine-stopped');
    expect(clock.waiting).toBe(0);
  });

  it('gives a slow machine three times its last step, which is no hang', async () => {
    const stop = new AbortController();
    const run = client.generate(REQUEST, undefined, undefined, stop.signal);
    workers[0].say(step(1, 7000));
    stop.abort();
    clock.pass(20_999);
    expect(workers[0].terminated).toBe(false);
    // Late, but it comes.
    workers[0].answer('cancel');
    expect(await endOf(run)).toBeUndefined();
    clock.pass(59_999);
    expect(workers[0].terminated).toBe(false);
    workers[0].say({ id: 1, ok: false, error: { code: 'aborted', said: said`Cancelled.` } });
    expect((await failure(run)).code).toBe('aborted');
    clock.pass(1_000_000);
    expect([workers[0].terminated, stopped]).toEqual([false, []]);
  });

  it('ends it where three steps’ time is over, too', async () => {
    const stop = new AbortController();
    const run = client.generate(REQUEST, undefined, undefined, stop.signal);
    workers[0].say(step(1, 7000));
    stop.abort();
    clock.pass(21_000);
    expect((await failure(run)).message).toContain('for 21 s');
  });
});

describe('cancelling a load', () => {
  it('that the worker ends itself leaves it for the next one', async () => {
    const stop = new AbortController();
    const loading = client.load(LOAD, undefined, stop.signal);
    stop.abort();
    workers[0].answer('cancel');
    workers[0].say({ id: 1, ok: false, error: { code: 'aborted', said: said`Cancelled.` } });
    expect((await failure(loading)).code).toBe('aborted');
    void client.load(LOAD);
    expect([workers.length, workers[0].terminated, clock.waiting]).toEqual([1, false, 1]);
  });

  it('that locks its worker up ends that, without a word; the model of before stays', async () => {
    const locked = async () => {
      const stop = new AbortController();
      const loading = client.load(LOAD, undefined, stop.signal);
      stop.abort();
      clock.pass(5000);
      return (await failure(loading)).code;
    };
    expect(await locked()).toBe('aborted');
    const loading = client.load(LOAD);
    workers[1].answer('load');
    await loading;
    expect(await locked()).toBe('aborted');
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, false, true]);
    expect(stopped).toEqual([]);
    const tokens = client.countTokens('a fox');
    workers[1].answer('countTokens', { tokens: 2, windows: 1 });
    expect(await tokens).toEqual({ tokens: 2, windows: 1 });
  });
});

describe('a model on a graphics card', () => {
  const ON_CARD = { ...LOADED, device: { ...LOADED.device, provider: 'webgpu', precision: 'float16' } };
  const methods = (worker: number) => workers[worker]?.sent.map(({ method }) => method);
  const openAnother = async () => {
    const first = client.load(LOAD);
    workers[0].answer('load', ON_CARD);
    await first;
    return client.load(LOAD);
  };

  it('gives its memory back before another is loaded, and is there again where that fails', async () => {
    const second = openAnother();
    await endOf(Promise.resolve());
    expect([methods(0), methods(1)]).toEqual([['load', 'rest'], []]);
    workers[0].answer('rest');
    await endOf(Promise.resolve());
    expect(methods(1)).toEqual(['load']);
    workers[1].say({ id: 1, ok: false, error: { code: 'corrupt', said: said`Cut short.` } });
    expect((await failure(second)).code).toBe('corrupt');
    expect(workers.map(({ terminated }) => terminated)).toEqual([false, true]);
    const tokens = client.countTokens('a fox');
    workers[0].answer('countTokens', { tokens: 2, windows: 1 });
    expect(await tokens).toEqual({ tokens: 2, windows: 1 });
  });

  it('that does not give it back holds the other up for 5 s only', async () => {
    void openAnother();
    await endOf(Promise.resolve());
    clock.pass(5000);
    await endOf(Promise.resolve());
    expect(methods(1)).toEqual(['load']);
  });
});

describe('a worker that is gone', () => {
  it('is ended at once on demand', async () => {
    const run = client.generate(REQUEST, undefined);
    client.stop();
    expect(workers[0].terminated).toBe(true);
    expect((await failure(run)).code).toBe('engine-stopped');
    expect(stopped).toHaveLength(1);
    // The lock that it held is free now, too: nobody is told twice.
    workers[0].onended?.();
    client.stop();
    expect(stopped).toHaveLength(1);
  });

  it('without a word is noticed, whether something waits for it or not', async () => {
    workers[0].onended?.();
    expect(stopped.map(({ code }) => code)).toEqual(['engine-stopped']);
    expect(await endOf(client.generate(REQUEST, undefined))).toBe('engine-stopped');
  });

  it.each([
    [{ message: 'Uncaught RangeError' }, /stopped \(Uncaught RangeError\)/],
    // A script that is not there, or is served as text: the event says nothing.
    [{}, /script could not be loaded/],
  ])('by an error %o says why', async (event, message) => {
    const loading = client.load(LOAD);
    workers[0].onerror?.(event as ErrorEvent);
    const error = await failure(loading);
    expect(error.code).toBe('engine-stopped');
    expect(error.message).toMatch(message);
  });

  it('is of another version where it says what the page does not know, and that call is refused', async () => {
    const loading = client.load(LOAD);
    workers[0].answer('load', { ...LOADED, info: { ...PLAIN_INFO, latentScale: undefined } });
    expect(await failure(loading)).toMatchObject({
      code: 'internal',
      message: expect.stringMatching(/Reload the page/),
    });
    const painting = client.generate(REQUEST);
    const step = { type: 'step', step: 1, of: 20, picture: 0, pictures: 1 };
    workers.at(-1)?.say({ id: workers.at(-1)?.sent.at(-1)?.id, event: step } as unknown as ToPage);
    expect((await failure(painting)).code).toBe('internal');
  });

  it('is replaced for the next model, and for the header of the next file', async () => {
    const loading = client.load(LOAD);
    client.stop();
    expect((await failure(loading)).code).toBe('engine-stopped');
    const identified = client.identify(NAMED);
    expect(workers).toHaveLength(2);
    workers[1].answer('identify', { kind: 'lora', triggerWords: [] });
    expect(await identified).toEqual({ kind: 'lora', triggerWords: [] });
    const again = client.load(LOAD);
    expect(workers).toHaveLength(2);
    workers[1].answer('load');
    await again;
    void client.countTokens('a fox');
    expect(workers[1].sent.at(-1)?.method).toBe('countTokens');
  });

  it('while it loads another model leaves the one before', async () => {
    const first = client.load(LOAD);
    workers[0].answer('load');
    await first;
    const second = client.load(LOAD);
    client.stop();
    expect((await failure(second)).code).toBe('engine-stopped');
    expect([workers[0].terminated, workers[1].terminated]).toEqual([false, true]);
    expect(stopped).toEqual([]);
    const tokens = client.countTokens('a fox');
    workers[0].answer('countTokens', { tokens: 2, windows: 1 });
    expect(await tokens).toEqual({ tokens: 2, windows: 1 });
  });

  it('because another took its place is no news', async () => {
    for (const index of [0, 1]) {
      const loading = client.load(LOAD);
      workers[index].answer('load');
      await loading;
    }
    expect(workers[0].terminated).toBe(true);
    expect(stopped).toEqual([]);
  });
});

it('tells of files that are being opened and say nothing for a minute', async () => {
  const loading = client.load(LOAD);
  clock.pass(59_000);
  workers[0].say({ id: 1, event: { type: 'stage', stage: 'read-model', picture: 0, pictures: 0 } });
  clock.pass(59_000);
  expect(silences).toBe(0);
  clock.pass(1000);
  expect(silences).toBe(1);
  workers[0].answer('load');
  await loading;
  const adapters = client.attach('adapter', [NAMED]);
  workers[0].answer('attach');
  await adapters;
  clock.pass(600_000);
  expect(silences).toBe(1);
});

it('passes over what a worker says that is no answer, such as that it holds its lock', async () => {
  const loading = client.load(LOAD);
  workers[0].say('holds-lock' as unknown as ToPage);
  workers[0].answer('load');
  await expect(loading).resolves.toEqual(LOADED);
});
