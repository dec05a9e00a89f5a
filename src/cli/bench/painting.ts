import { availableParallelism } from 'node:os';
import { type GenerationRequest, parseRequest } from '../../core/request/request';
import { loadModel } from '../../model/running/load';
import type { PaintingModel } from '../../model/running/painting-model';
import { chooseDevice } from '../../model/runtime/device';
import { loadOrt } from '../../model/runtime/ort';
import { paint } from '../../pipeline/generate';
import type { Timings } from '../../pipeline/progress';
import { openDirectory } from '../directory';
import { MACHINE, median, report } from './report';

const RUNS = 3;

/** From asking to the end of the first step: what a change of size, guidance or prompt length costs. */
async function firstStepMs(model: PaintingModel, request: GenerationRequest): Promise<number> {
  const started = performance.now();
  let first: number | undefined;
  await paint(
    model,
    { ...request, steps: 2 },
    {
      onStep() {
        first ??= performance.now() - started;
      },
    },
  );
  return first ?? Number.NaN;
}

/** A 256 x 256 picture of 20 steps with guidance, three times; the medians. */
export async function painting(): Promise<void> {
  const { threads } = await loadOrt(Math.min(8, availableParallelism()));
  const started = performance.now();
  const model = await loadModel(await openDirectory('models/starter'), await chooseDevice('wasm', threads));
  const loadMs = performance.now() - started;
  const request = parseRequest({ ...model.info.defaults, prompt: 'a red apple', seed: 7 });
  const runs: Timings[] = [];
  const steps: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    let last = 0;
    const { timings } = await paint(model, request, {
      onStep() {
        const now = performance.now();
        if (last > 0) steps.push(now - last);
        last = now;
      },
    });
    runs.push(timings);
  }
  const changes = {
    size: { ...request, width: 320, height: 192 },
    'no guidance': { ...request, cfgScale: 1 },
    'two windows': { ...request, prompt: 'a red apple, '.repeat(20) },
  };
  const firstSteps: string[] = [];
  for (const [what, changed] of Object.entries(changes))
    firstSteps.push(`${what} ${Math.round(await firstStepMs(model, changed))}`);
  await model.dispose();
  await report('painting', {
    machine: `${MACHINE}, ${threads} threads`,
    what: `${request.width} x ${request.height}, ${request.steps} steps, CFG ${request.cfgScale}, wasm float32`,
    loadMs: Math.round(loadMs),
    promptMs: Math.round(median(runs.map(({ encodeMs }) => encodeMs))),
    msPerStep: Math.round(median(steps)),
    denoiseMs: Math.round(median(runs.map(({ denoiseMs }) => denoiseMs))),
    decodeMs: Math.round(median(runs.map(({ decodeMs }) => decodeMs))),
    totalMs: Math.round(median(runs.map(({ totalMs }) => totalMs))),
    firstStepMs: `after a change of ${firstSteps.join(', ')}`,
  });
}
