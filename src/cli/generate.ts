/**
 * npm run generate -- "a red fox in the snow" --seed 7 --steps 20 --out fox.png
 * npm run generate -- "a cat" --image meadow.png --mask tree.png --strength 0.9
 * The page's own pipeline, in Node on the CPU. Without an option, the model's default holds.
 */
import { writeFile } from 'node:fs/promises';
import { attachNote } from '../core/attach-report';
import type { StepInfo } from '../core/diffusion/types';
import { EaselError } from '../core/errors';
import { blankMask, type GivenPicture } from '../core/image/picture';
import { modelDefaultsWith } from '../core/request/applicable';
import { MAX_SEED, RANDOM_SEED } from '../core/request/fields';
import { batchPicture, DEFAULT_REQUEST, type GenerationRequest, parseRequest } from '../core/request/request';
import { extraNetworks } from '../core/text/extra-networks';
import { openAdapter } from '../model/parts/adapter';
import { fastLoraUse } from '../model/running/fast';
import { loadModel } from '../model/running/load';
import type { PaintingModel } from '../model/running/painting-model';
import { chooseDevice } from '../model/runtime/device';
import { loadOrt } from '../model/runtime/ort';
import type { LoraUse } from '../model/weights/lora-merge';
import type { Embedding } from '../model/weights/textual-inversion';
import { paint } from '../pipeline/generate';
import { encodePicture } from '../pipeline/picture';
import { argumentsOf } from './arguments';
import { openDirectory, openModelPath } from './directory';
import { readMask, readPicture } from './png';
import { fieldsFrom, REQUEST_OPTIONS, requestHelp } from './request-options';

const USAGE = `usage: npm run generate -- "PROMPT" [--OPTION VALUE ...] [--model FOLDER | FILE.safetensors] [--with LORA_OR_EMBEDDING.safetensors ...]
       [--image FILE.png [--mask FILE.png]] [--threads N] [--out FILE.png]
       npm run generate -- --list   names all samplers, schedules and options, such as --steps, --cfg and --seed`;

const OPTIONS = {
  image: { type: 'string' },
  mask: { type: 'string' },
  model: { type: 'string', default: 'models/starter' },
  with: { type: 'string', multiple: true },
  threads: { type: 'string', default: '2' },
  out: { type: 'string', default: 'easel.png' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function list(): void {
  for (const line of requestHelp()) console.log(line);
  console.log(
    '  --image FILE.png  The picture to paint from: all of it, or what --mask says, or what of it is transparent.',
  );
  console.log('  --mask FILE.png  As large as the picture; white is painted anew.');
}

/**
 * Gives the model the named files: LoRAs at the weight that the prompt says, or 1, with the embeddings that they bring,
 * and embeddings; and its own LoRA for few steps.
 * @returns sentences about what of them does nothing.
 */
async function adapt(
  model: PaintingModel,
  paths: readonly string[],
  { prompt, fast }: Pick<GenerationRequest, 'prompt' | 'fast'>,
): Promise<string[]> {
  const adapters: { loras: LoraUse[]; embeddings: Embedding[] } = { loras: [], embeddings: [] };
  for (const path of paths) {
    const file = await openAdapter(await openModelPath(path));
    if (file.kind === 'embedding') adapters.embeddings.push(file.embedding);
    else {
      const { lora } = file;
      const said = extraNetworks(prompt).loras.find(({ name }) => name === lora.name);
      adapters.loras.push({ lora, unetWeight: said?.unetWeight ?? 1, textWeight: said?.textWeight ?? 1 });
      adapters.embeddings.push(...lora.embeddings);
    }
  }
  if (fast) adapters.loras.push(fastLoraUse(model));
  if (paths.length === 0 && !fast) return [];
  return (await model.adapt(adapters)).map(attachNote).filter((note) => note !== undefined);
}

/** What to paint from. A picture with transparent parts and no mask has those painted. */
async function givenBy(image: string | undefined, mask: string | undefined): Promise<GivenPicture | undefined> {
  if (image === undefined) {
    if (mask !== undefined) throw new EaselError('bad-request', 'A mask needs a picture: name it with --image.');
    return undefined;
  }
  const picture = await readPicture(image);
  if (mask === undefined) return picture.data.some((v, i) => i % 4 === 3 && v === 0) ? { picture, mask: blankMask(picture) } : { picture }; // biome-ignore format: one line
  const read = await readMask(mask);
  if (read.width !== picture.width || read.height !== picture.height)
    throw new EaselError('bad-request', `${mask} is ${read.width} x ${read.height} pixels and ${image} is ${picture.width} x ${picture.height}. Give a mask as large as the picture.`); // biome-ignore format: one sentence
  return { picture, mask: read };
}

/** `fox.png` -> `fox-2.png` for the second of several pictures. */
const numbered = (path: string, index: number, of: number) =>
  of === 1 ? path : path.replace(/(\.png)?$/i, `-${index + 1}.png`);

async function main(): Promise<void> {
  const { values, positionals } = argumentsOf({ options: { ...REQUEST_OPTIONS, ...OPTIONS }, allowPositionals: true });
  if (values.list) return list();
  if (values.help || positionals.length > 1) {
    console.log(USAGE);
    return;
  }
  const given = await givenBy(values.image, values.mask);
  const { threads } = await loadOrt(Number(values.threads));
  const device = await chooseDevice('wasm', threads);
  const model = await loadModel(await openModelPath(values.model), device, undefined, {
    vocabulary: await openDirectory('models/clip'),
  });
  const [prompt] = positionals;
  const set: Partial<GenerationRequest> = { ...fieldsFrom(values), ...(prompt === undefined ? {} : { prompt }) };
  const modelDefaults = { ...model.info.defaults, ...(set.fast && model.info.fast) };
  const sampler = set.sampler ?? modelDefaults.sampler ?? DEFAULT_REQUEST.sampler;
  const request = parseRequest({ ...DEFAULT_REQUEST, ...modelDefaultsWith({ sampler }, modelDefaults), ...set });
  for (const note of await adapt(model, values.with ?? [], request)) console.error(note);
  const first = request.seed === RANDOM_SEED ? Math.floor(Math.random() * (MAX_SEED + 1)) : request.seed;
  for (let i = 0; i < request.batchCount; i++) {
    const one = batchPicture({ ...request, seed: first }, i);
    const onStep = ({ step, of }: StepInfo) => void process.stderr.write(`\rstep ${step + 1} of ${of} `);
    const painted = await paint(model, one, { onStep }, { given });
    const { png, parameters } = encodePicture(painted, one, model.info);
    const path = numbered(values.out, i, request.batchCount);
    await writeFile(path, png);
    const { encodeMs, denoiseMs, decodeMs, totalMs } = painted.timings;
    process.stderr.write('\r');
    console.log([path, parameters, ...painted.notes].join('\n'));
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
