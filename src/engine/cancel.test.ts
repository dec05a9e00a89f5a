import { decode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { EaselError, said } from '../core/errors';
import { parseRequest } from '../core/request/request';
import { failure } from '../model/fixtures/failure';
import { sessionCounts } from '../model/runtime/session';
import { createEngine, type Engine } from './engine';
import { fixtureFile, tinyFolder } from './fixtures/tiny-folder';
import type { EngineEvent, LoadRequest } from './protocol';

const LOAD: LoadRequest = { source: tinyFolder(), device: 'wasm', vocabulary: '/' };
const request = (prompt: string) =>
  parseRequest({ prompt, sampler: 'ddim', steps: 2, cfgScale: 1, width: 64, height: 64, seed: 5 });

const cancelled = new EaselError('aborted', said`Cancelled.`);

/** A file that says when it is read. */
class WatchedFile extends Blob {
  onRead: () => void = () => undefined;

  override slice(start?: number, end?: number): Blob {
    this.onRead();
    return super.slice(start, end);
  }
}

let engine: Engine;
beforeAll(() => {
  engine = createEngine();
});

/** What a run that is cancelled at the first event of a stage ends with, and the stages it came to. */
async function cancelledAt(stage: string, run: (emit: (event: EngineEvent) => void, signal: AbortSignal) => unknown) {
  const stop = new AbortController();
  const stages: string[] = [];
  const emit = (event: EngineEvent) => {
    if (event.type !== 'stage') return;
    stages.push(event.stage);
    if (event.stage === stage) stop.abort(cancelled);
  };
  return { error: await failure(run(emit, stop.signal) as Promise<unknown>), stages };
}

describe('a cancel', () => {
  it('ends a load before its next network starts, and leaves no session behind', async () => {
    const before = sessionCounts.created;
    const { error } = await cancelledAt('create-sessions', (emit, signal) => engine.load([LOAD], emit, signal));
    expect(error).toBe(cancelled);
    expect(sessionCounts.created).toBe(before);
  });

  it('ends a run at whichever stage it comes, before the next one', async () => {
    await engine.load([LOAD], () => undefined);
    const at = (stage: string) =>
      cancelledAt(stage, (emit, signal) => engine.generate([request('a fox'), undefined], emit, signal));
    expect(await at('encode-prompt')).toEqual({ error: cancelled, stages: ['encode-prompt'] });
    expect(await at('denoise')).toEqual({ error: cancelled, stages: ['encode-prompt', 'denoise'] });
    expect(await at('decode')).toEqual({ error: cancelled, stages: ['encode-prompt', 'denoise', 'decode'] });
    const { unetRuns, vaeDecoderRuns } = await engine.statistics([], () => undefined);
    // The steps of the last one.
    expect([unetRuns, vaeDecoderRuns]).toEqual([2, 0]);
  });

  it('ends the merging of LoRAs before the next tensor is read; what is painted afterwards is as it was', async () => {
    const painted = async (prompt: string) => {
      const pictures: Promise<Uint8Array>[] = [];
      await engine.generate([request(prompt), undefined], (event) => {
        if (event.type === 'picture')
          pictures.push(event.picture.png.arrayBuffer().then((png) => decode(new Uint8Array(png)).data as Uint8Array));
      });
      return pictures[0];
    };
    const plain = await painted('a fox');
    const { name, file } = fixtureFile('lora_peft.safetensors', 'sd15/lora_peft.safetensors');
    const watched = new WatchedFile([file]);
    await engine.attach(['adapter', [{ name, file: watched }]], () => undefined);
    const prompt = 'a fox <lora:lora_peft:1>';
    // The first use reads all of it, to see whether it holds NaN.
    const changed = await painted(prompt);
    expect(changed).not.toEqual(plain);
    expect(await painted('a fox')).toEqual(plain);
    const stop = new AbortController();
    let readsAfter = 0;
    watched.onRead = () => {
      if (stop.signal.aborted) readsAfter++;
      stop.abort(cancelled);
    };
    const run = engine.generate([request(prompt), undefined], () => undefined, stop.signal);
    await expect(run).rejects.toBe(cancelled);
    expect(stop.signal.aborted).toBe(true);
    // A module's two matrices, both read at once.
    expect(readsAfter).toBeLessThanOrEqual(2);
    watched.onRead = () => undefined;
    expect(await painted('a fox')).toEqual(plain);
    expect(await painted(prompt)).toEqual(changed);
  });
});
