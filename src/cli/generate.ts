/**
 * npm run generate -- "a red fox in the snow" --seed 7 --steps 20 --out fox.png
 * The page's own pipeline, in Node on the CPU. Without an option, the model's default holds.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { EaselError } from '../core/errors';
import { DEFAULT_REQUEST, type GenerationRequest, MAX_SEED, parseRequest, RANDOM_SEED } from '../core/request';
import { loadModel } from '../model/load';
import { chooseDevice } from '../model/runtime/device';
import { loadOrt } from '../model/runtime/ort';
import { paint } from '../pipeline/generate';
import { encodePicture } from '../pipeline/picture';
import { openDirectory } from './directory';

const USAGE = `usage: npm run generate -- "PROMPT" [--negative TEXT] [--seed N] [--steps N] [--cfg N] [--sampler ID] [--schedule ID]
       [--width N] [--height N] [--eta N] [--count N] [--model FOLDER] [--threads N] [--out FILE.png]`;

const OPTIONS = {
  negative: { type: 'string' },
  seed: { type: 'string' },
  steps: { type: 'string' },
  cfg: { type: 'string' },
  sampler: { type: 'string' },
  schedule: { type: 'string' },
  width: { type: 'string' },
  height: { type: 'string' },
  eta: { type: 'string' },
  count: { type: 'string' },
  model: { type: 'string', default: 'models/starter' },
  threads: { type: 'string', default: '2' },
  out: { type: 'string', default: 'easel.png' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** `fox.png` -> `fox-2.png` for the second of several pictures. */
const numbered = (path: string, index: number, of: number) =>
  of === 1 ? path : path.replace(/(\.png)?$/i, `-${index + 1}.png`);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (values.help || positionals.length > 1) {
    console.log(USAGE);
    return;
  }
  const { threads } = await loadOrt(Number(values.threads));
  const device = await chooseDevice('wasm', threads);
  const model = await loadModel(await openDirectory(values.model), device);
  const given: Partial<Record<keyof GenerationRequest, unknown>> = {
    prompt: positionals[0],
    negativePrompt: values.negative,
    sampler: values.sampler,
    schedule: values.schedule,
  };
  const numbers = {
    seed: 'seed',
    steps: 'steps',
    cfgScale: 'cfg',
    width: 'width',
    height: 'height',
    eta: 'eta',
    batchCount: 'count',
  } as const;
  for (const [field, option] of Object.entries(numbers)) {
    const text = values[option];
    if (text !== undefined) given[field as keyof typeof numbers] = Number(text);
  }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const request = parseRequest({ ...DEFAULT_REQUEST, ...model.info.defaults, ...set });
  const first = request.seed === RANDOM_SEED ? Math.floor(Math.random() * (MAX_SEED + 1)) : request.seed;
  for (let i = 0; i < request.batchCount; i++) {
    const one = { ...request, seed: (first + i) % (MAX_SEED + 1), batchCount: 1 };
    const painted = await paint(model, one, {
      onStep: ({ step, of }) => {
        process.stderr.write(`\rstep ${step + 1} of ${of} `);
      },
    });
    const { png, parameters } = encodePicture(painted, one, model.info);
    const path = numbered(values.out, i, request.batchCount);
    await writeFile(path, png);
    const { encodeMs, denoiseMs, decodeMs, totalMs } = painted.timings;
    process.stderr.write('\r');
    console.log(`${path}\n${parameters}`);
    console.log(
      `prompt ${encodeMs.toFixed(0)} ms, denoising ${denoiseMs.toFixed(0)} ms, decoding ${decodeMs.toFixed(0)} ms, total ${(totalMs / 1000).toFixed(2)} s`,
    );
  }
  await model.dispose();
}

main().then(
  () => process.exit(0), // the provider's threads would keep Node alive
  (error: unknown) => {
    console.error(error instanceof EaselError ? `${error.code}: ${error.message}` : error);
    process.exit(1);
  },
);
