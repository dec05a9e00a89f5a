/**
 * npm run generate -- "a red fox in the snow" --seed 7 --steps 20 --out fox.png
 * npm run generate -- "a cat" --image meadow.png --mask tree.png --strength 0.9
 * The page's own pipeline, in Node on the CPU. Without an option, the model's default holds.
 */
import { writeFile } from 'node:fs/promises';
import { attachNote } from '../core/attach-report';
import { SAMPLERS } from '../core/diffusion/samplers/index';
import { STEP_SCHEDULES } from '../core/diffusion/step-schedules/index';
import type { StepInfo } from '../core/diffusion/types';
import { EaselError } from '../core/errors';
import { blankMask, type GivenPicture } from '../core/image/picture';
import {
  CHOICE_FIELDS,
  type ChoiceFieldName,
  FLAG_FIELDS,
  type FlagFieldName,
  MAX_SEED,
  NUMBER_FIELDS,
  type NumberFieldName,
  RANDOM_SEED,
} from '../core/request/fields';
import { batchPicture, DEFAULT_REQUEST, type GenerationRequest, parseRequest } from '../core/request/request';
import { extraNetworks } from '../core/text/extra-networks';
import { openAdapter } from '../model/parts/adapter';
import { fastUse } from '../model/running/fast';
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

const USAGE = `usage: npm run generate -- "PROMPT" [--negative TEXT] [--seed N] [--steps N] [--cfg N] [--sampler NAME] [--schedule NAME]
       [--width N] [--height N] [--count N] [--model FOLDER | FILE.safetensors] [--with LORA_OR_EMBEDDING.safetensors ...]
       [--image FILE.png [--mask FILE.png] [--strength N]]
       [--threads N] [--out FILE.png] [--OPTION VALUE ...]
       npm run generate -- --list   names all samplers, schedules and options`;

/** "guidanceRescale" -> "guidance-rescale" */
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const SHORT: Readonly<Partial<Record<string, string>>> = {
  cfgScale: 'cfg',
  batchCount: 'count',
  denoisingStrength: 'strength',
};
/** The request's fields by their option. */
const FIELDS = new Map(
  [...Object.keys(NUMBER_FIELDS), ...Object.keys(CHOICE_FIELDS)].map((name) => [SHORT[name] ?? kebab(name), name]),
);

/** The request's flags by their option. */
const FLAGS = new Map((Object.keys(FLAG_FIELDS) as FlagFieldName[]).map((name) => [kebab(name), name]));

const OPTIONS = {
  negative: { type: 'string' },
  sampler: { type: 'string' },
  schedule: { type: 'string' },
  image: { type: 'string' },
  mask: { type: 'string' },
  model: { type: 'string', default: 'models/starter' },
  with: { type: 'string', multiple: true },
  threads: { type: 'string', default: '2' },
  out: { type: 'string', default: 'easel.png' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** What the page shows in its lists: every sampler with the options it has, every schedule, every option. */
function list(): void {
  console.log('Samplers');
  for (const [id, { label, description, options }] of Object.entries(SAMPLERS)) {
    const own = Object.keys(options).map((name) => `--${kebab(name)}`);
    console.log(`  ${id}  ${label}: ${description}${own.length > 0 ? ` (${own.join(', ')})` : ''}`);
  }
  console.log('Schedules');
  for (const [id, { label, description }] of Object.entries(STEP_SCHEDULES)) console.log(`  ${id}  ${label}: ${description}`); // biome-ignore format: one line
  console.log('Options');
  for (const [option, name] of FIELDS) {
    const number = NUMBER_FIELDS[name as NumberFieldName];
    if (number) console.log(`  --${option}  ${number.min} to ${number.max}: ${number.help}`);
    else {
      const { label, choices } = CHOICE_FIELDS[name as ChoiceFieldName];
      console.log(`  --${option}  ${choices.map(({ value }) => value).join(' | ')}: ${label}`);
    }
  }
  for (const [option, name] of FLAGS) console.log(`  --${option}  ${FLAG_FIELDS[name].help}`);
  console.log(
    '  --image FILE.png  The picture to paint from: all of it, or what --mask says, or what of it is transparent.',
  );
  console.log('  --mask FILE.png  As large as the picture; white is painted anew.');
}

/** A sampler or schedule by its own name or by A1111's. */
function idOf(registry: Readonly<Record<string, { label: string }>>, name: string | undefined): string | undefined {
  if (name === undefined || Object.hasOwn(registry, name)) return name;
  return Object.keys(registry).find((id) => registry[id].label.toLowerCase() === name.toLowerCase()) ?? name;
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
  if (fast) adapters.loras.push(fastUse(model));
  if (paths.length === 0 && !fast) return [];
  return (await model.adapt(adapters)).map(attachNote).filter((note) => note !== undefined);
}

/** The fields that the command line sets, unchecked. */
function fieldsOf(
  values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>,
  prompt: string | undefined,
): object {
  const given: Record<string, unknown> = {
    prompt,
    negativePrompt: values.negative,
    sampler: idOf(SAMPLERS, values.sampler as string | undefined),
    schedule: idOf(STEP_SCHEDULES, values.schedule as string | undefined),
  };
  for (const [option, name] of FLAGS) given[name] = values[option];
  for (const [option, name] of FIELDS) {
    const text = values[option];
    if (text !== undefined) given[name] = Object.hasOwn(NUMBER_FIELDS, name) ? Number(text) : text;
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
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
  const fields = Object.fromEntries([...FIELDS.keys()].map((option) => [option, { type: 'string' as const }]));
  const flags = Object.fromEntries([...FLAGS.keys()].map((option) => [option, { type: 'boolean' as const }]));
  const { values, positionals } = argumentsOf({ options: { ...fields, ...flags, ...OPTIONS }, allowPositionals: true });
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
  const set: Partial<GenerationRequest> = fieldsOf(values, positionals[0]);
  const modelDefaults = { ...model.info.defaults, ...(set.fast && model.info.fast) };
  // The model's eta is meant for the model's sampler.
  if (set.sampler !== undefined && set.sampler !== modelDefaults.sampler) delete modelDefaults.eta;
  const request = parseRequest({ ...DEFAULT_REQUEST, ...modelDefaults, ...set });
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
