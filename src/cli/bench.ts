/**
 * npm run bench [-- painting]
 * Times the starter on this machine's CPU provider, stage by stage. Numbers are for comparing within one run: machines are noisy.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { parseRequest } from '../core/request';
import { loadModel } from '../model/load';
import { chooseDevice } from '../model/runtime/device';
import { loadOrt } from '../model/runtime/ort';
import { paint, type Timings } from '../pipeline/generate';
import { openDirectory } from './directory';

const RUNS = 3;
const OUT = 'out/bench-painting.json';

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

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
  };
  for (const [name, value] of Object.entries(report)) console.log(`${name.padEnd(12)} ${value}`);
  await mkdir('out', { recursive: true });
  await writeFile(OUT, `${JSON.stringify(report, null, 1)}\n`);
}

const SUITES: Readonly<Record<string, () => Promise<void>>> = { painting };

const [wanted = 'painting'] = process.argv.slice(2);
const suite = SUITES[wanted];
if (!suite) {
  console.error(`There is no suite "${wanted}". Known: ${Object.keys(SUITES).join(', ')}.`);
  process.exit(2);
}
await suite();
process.exit(0); // the provider's threads would keep Node alive
