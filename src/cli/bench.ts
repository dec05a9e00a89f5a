/**
 * npm run bench [-- painting | samplers | convergence]
 * painting: times the starter on this machine's CPU provider, stage by stage. Numbers are for comparing within one run: machines are noisy.
 * samplers: every sampler's own time a step, and that of drawing noise.
 * convergence: how far pictures of few steps are from one of many, sampler by sampler; writes what the lab plots.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { type GenerationRequest, parseRequest } from '../core/request';
import { loadModel } from '../model/load';
import { chooseDevice } from '../model/runtime/device';
import { loadOrt } from '../model/runtime/ort';
import type { PaintingModel } from '../model/types';
import { paint, type Timings } from '../pipeline/generate';
import { convergence } from './bench/convergence';
import { samplers } from './bench/samplers';
import { openDirectory } from './directory';

const RUNS = 3;
const OUT = 'out/bench-painting.json';

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

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
async function painting(): Promise<void> {
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
  const report = {
    machine: `${cpus()[0]?.model ?? 'unknown CPU'}, ${threads} threads, Node ${process.version}`,
    what: `${request.width} x ${request.height}, ${request.steps} steps, CFG ${request.cfgScale}, wasm float32`,
    loadMs: Math.round(loadMs),
    promptMs: Math.round(median(runs.map(({ encodeMs }) => encodeMs))),
    msPerStep: Math.round(median(steps)),
    denoiseMs: Math.round(median(runs.map(({ denoiseMs }) => denoiseMs))),
    decodeMs: Math.round(median(runs.map(({ decodeMs }) => decodeMs))),
    totalMs: Math.round(median(runs.map(({ totalMs }) => totalMs))),
    firstStepMs: `after a change of ${firstSteps.join(', ')}`,
  };
  for (const [name, value] of Object.entries(report)) console.log(`${name.padEnd(12)} ${value}`);
  await mkdir('out', { recursive: true });
  await writeFile(OUT, `${JSON.stringify(report, null, 1)}\n`);
}

const SUITES: Readonly<Record<string, () => Promise<void>>> = { painting, samplers, convergence };

const [wanted = 'painting'] = process.argv.slice(2);
const suite = SUITES[wanted];
if (!suite) {
  console.error(`There is no suite "${wanted}". Known: ${Object.keys(SUITES).join(', ')}.`);
  process.exit(2);
}
await suite();
process.exit(0); // the provider's threads would keep Node alive
