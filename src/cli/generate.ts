/**
 * npm run generate -- "a red fox in the snow" --seed 7 --steps 20 --out fox.png
 * npm run generate -- "a cat" --image meadow.png --mask tree.png --strength 0.9
 * The page's own pipeline, in Node on the CPU. Without an option, the model's default holds.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { attachNote } from '../core/attach-report';
import type { StepInfo } from '../core/diffusion/types';
import { EaselError, said, spoken } from '../core/errors';
import { blankMask, type InputImage } from '../core/image/picture';
import { asPaintedBy, modelDefaultsWith } from '../core/request/applicable';
import { fileChoice, fileChosen } from '../core/request/field';
import { MAX_SEED } from '../core/request/fields';
import type { FileHashes } from '../core/request/file-hashes';
import { DEFAULT_REQUEST, type GenerationRequest, parseRequest } from '../core/request/request';
import { type Wildcards, wildcardLines, wildcardsFrom } from '../core/text/dynamic/wildcards';
import { namedEmbeddings, namingLoras, usedAdapters } from '../jobs/adapters';
import { batchGrid, resolveGrid } from '../jobs/grid';
import { type BlobRef, recipeFor } from '../jobs/job';
import { JobQueue } from '../jobs/queue';
import { type DrawSeed, resolveSeeds } from '../jobs/seeds';
import { type JobSink, Sinks } from '../jobs/sinks';
import { openAdapter } from '../model/parts/adapter';
import { fastLoraUse } from '../model/running/fast';
import { loadModel } from '../model/running/load';
import type { PaintingModel } from '../model/running/painting-model';
import { openUpscaler, type RunningUpscaler } from '../model/running/running-upscaler';
import { type ChosenDevice, chooseDevice } from '../model/runtime/device';
import { loadOrt } from '../model/runtime/ort';
import type { LoraUse } from '../model/weights/lora-merge';
import { type From, paint } from '../pipeline/generate';
import type { Painted } from '../pipeline/painted';
import { encodePicture } from '../pipeline/picture';
import { argumentsOf } from './arguments';
import { openDirectory, openModelPath } from './directory';
import { hashesOf, type NamedAdapters } from './file-hashes';
import { readMask, readPicture } from './png';
import { fieldsFrom, REQUEST_OPTIONS, requestHelp } from './request-options';

const USAGE = `usage: npm run generate -- "PROMPT" [--OPTION VALUE ...] [--model FOLDER | FILE.safetensors] [--with LORA_OR_EMBEDDING.safetensors ...]
       [--wildcards FOLDER] [--image FILE.png [--mask FILE.png]] [--threads N] [--out FILE.png]
       npm run generate -- --list   names all samplers, schedules and options, such as --steps, --cfg and --seed`;

const drawSeed: DrawSeed = () => Math.floor(Math.random() * (MAX_SEED + 1));

const OPTIONS = {
  image: { type: 'string' },
  mask: { type: 'string' },
  model: { type: 'string', default: 'models/starter' },
  with: { type: 'string', multiple: true },
  wildcards: { type: 'string' },
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
  console.log('  --wildcards FOLDER  Its text files are what __name__ in a prompt stands for; {a|b} needs none.');
  console.log('  --mask FILE.png  As large as the picture; white is painted anew.');
}

/** The LoRAs and embeddings in the named files, by what prompts call them. */
async function openAdapters(paths: readonly string[]): Promise<NamedAdapters> {
  const files = await Promise.all(
    paths.map(async (path) => ({ path, adapter: await openAdapter(await openModelPath(path)) })),
  );
  return {
    loras: files.flatMap(({ path, adapter }) =>
      adapter.kind === 'lora' ? [{ name: adapter.lora.name, alias: adapter.lora.alias, lora: adapter.lora, path }] : [],
    ),
    embeddings: files.flatMap(({ path, adapter }) =>
      adapter.kind === 'embedding' ? [{ word: adapter.embedding.word, embedding: adapter.embedding, path }] : [],
    ),
  };
}

/**
 * Gives the model what a request uses of the adapters, with the embeddings that its LoRAs bring, and the model's own
 * LoRA for few steps.
 * @returns sentences about what of them does nothing, or is not there.
 */
async function adapt(model: PaintingModel, known: NamedAdapters, request: GenerationRequest): Promise<string[]> {
  const used = usedAdapters(request, known);
  const loras: LoraUse[] = used.loras.map(({ lora: { lora }, mention: _, ...weights }) => ({ lora, ...weights }));
  if (request.fast) loras.push(fastLoraUse(model));
  const bundled = loras.flatMap(({ lora }) => lora.embeddings);
  const embeddings = [...used.embeddings.map(({ embedding }) => embedding), ...namedEmbeddings(request, bundled)];
  const missing = used.missing.map((name) => `Generated without ${name}: name its file with --with.`);
  const notes = [used.note, ...(await model.adapt({ loras, embeddings })).map(attachNote)];
  return [...missing, ...notes.flatMap((note) => (note ? [spoken(note)] : []))];
}

/** The network in the file that a request enlarges with; the request then calls it by its name alone. */
async function upscalerOf(
  request: GenerationRequest,
  device: ChosenDevice,
): Promise<{ request: GenerationRequest; upscaler?: RunningUpscaler }> {
  const path = request.hires ? fileChosen(request.hiresUpscaler) : undefined;
  if (path === undefined) return { request };
  const files = await openModelPath(path);
  const upscaler = await openUpscaler(files, basename(path), device);
  return { request: { ...request, hiresUpscaler: fileChoice(files.name) }, upscaler };
}

/** Gives the model what each picture's prompt names, where that is not as before, and says what of it does nothing. */
function preparation(model: PaintingModel, known: NamedAdapters): (request: GenerationRequest) => Promise<void> {
  let before = JSON.stringify([[], [], false]);
  return async (request) => {
    const { loras, embeddings, missing } = usedAdapters(request, known);
    const weights = loras.map(({ mention, unetWeight, textWeight }) => [mention, unetWeight, textWeight]);
    const words = [...embeddings.map(({ word }) => word), ...missing];
    const now = JSON.stringify([weights, words, request.fast ?? false]);
    if (now === before) return;
    before = now;
    for (const note of await adapt(model, known, request)) console.error(note);
  };
}

/** What to paint from. A picture with transparent parts and no mask has those painted. */
async function givenBy(image: string | undefined, mask: string | undefined): Promise<InputImage | undefined> {
  if (image === undefined) {
    if (mask !== undefined) throw new EaselError('bad-request', said`A mask needs a picture: name it with --image.`);
    return undefined;
  }
  const picture = await readPicture(image);
  if (mask === undefined) return picture.data.some((v, i) => i % 4 === 3 && v === 0) ? { picture, mask: blankMask(picture) } : { picture }; // biome-ignore format: one line
  const read = await readMask(mask);
  if (read.width !== picture.width || read.height !== picture.height)
    throw new EaselError('bad-request', said`${mask} is ${read.width} x ${read.height} pixels and ${image} is ${picture.width} x ${picture.height}. Give a mask as large as the picture.`); // biome-ignore format: one sentence
  return { picture, mask: read };
}

/** The wildcards in a folder: its text files, by their way in it. */
async function wildcardsIn(folder: string | undefined): Promise<Wildcards> {
  const paths = folder === undefined ? [] : await readdir(folder, { recursive: true });
  const lists = paths
    .filter((path) => /\.txt$/i.test(path))
    .map(async (path) => {
      const lines = wildcardLines(await readFile(join(folder ?? '', path), 'utf8'));
      return [path.slice(0, -'.txt'.length).replaceAll(sep, '/'), lines] as const;
    });
  return wildcardsFrom(await Promise.all(lists));
}

/** `fox.png` -> `fox-2.png` for the second of several pictures. */
const numbered = (path: string, index: number, of: number) =>
  of === 1 ? path : path.replace(/(\.png)?$/i, `-${index + 1}.png`);

/** The files to paint from, by their content. */
async function inputsBy(image: string | undefined, mask: string | undefined): Promise<BlobRef[]> {
  const files = [{ kind: 'picture', path: image } as const, { kind: 'mask', path: mask } as const];
  const given = files.flatMap(({ kind, path }) => (path === undefined ? [] : [{ kind, path }]));
  return Promise.all(
    given.map(async ({ kind, path }) => {
      const hash = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      return { kind, hash };
    }),
  );
}

/** Writes each picture to its file and says what it is. */
function fileSink(
  out: string,
  { info }: PaintingModel,
  hashes: (request: GenerationRequest) => Promise<FileHashes>,
): JobSink<Painted> {
  let [written, of] = [0, 0];
  return {
    begin(grid) {
      of = grid.of;
    },
    async deliver(painted, { request }) {
      const { png, parameters } = await encodePicture(painted, request, info, { hashes: await hashes(request) });
      const path = numbered(out, written++, of);
      await writeFile(path, png);
      const { encodeMs, denoiseMs, decodeMs, totalMs } = painted.timings;
      process.stderr.write('\r');
      console.log([path, parameters, ...painted.notes.map((note) => spoken(note))].join('\n'));
      console.log(
        `prompt ${encodeMs.toFixed(0)} ms, denoising ${denoiseMs.toFixed(0)} ms, decoding ${decodeMs.toFixed(0)} ms, total ${(totalMs / 1000).toFixed(2)} s`,
      );
    },
  };
}

/** Paints all that waits, one picture after another. */
async function paintAll(
  queue: JobQueue,
  model: PaintingModel,
  sinks: Sinks<Painted>,
  { prepare, ...from }: From & { prepare(request: GenerationRequest): Promise<void> },
): Promise<void> {
  const onStep = ({ step, of }: StepInfo) => void process.stderr.write(`\rstep ${step + 1} of ${of} `);
  for (let next = queue.take(); next; next = queue.take()) {
    sinks.begin(next);
    await prepare(next.child.request);
    await sinks.deliver(await paint(model, next.child.request, { onStep }, from), next.child);
    if (!queue.finish()) sinks.end(next.grid.parent);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = argumentsOf({ options: { ...REQUEST_OPTIONS, ...OPTIONS }, allowPositionals: true });
  if (values.list) return list();
  if (values.help || positionals.length > 1) {
    console.log(USAGE);
    return;
  }
  const given = await givenBy(values.image, values.mask);
  const inputs = await inputsBy(values.image, values.mask);
  const { threads } = await loadOrt(Number(values.threads));
  const device = await chooseDevice('wasm', threads);
  const model = await loadModel(await openModelPath(values.model), device, undefined, {
    vocabulary: await openDirectory('models/clip'),
  });
  const [prompt] = positionals;
  const set: Partial<GenerationRequest> = { ...fieldsFrom(values), ...(prompt === undefined ? {} : { prompt }) };
  const modelDefaults = { ...model.info.defaults, ...(set.fast && model.info.fast) };
  const sampler = set.sampler ?? modelDefaults.sampler ?? DEFAULT_REQUEST.sampler;
  const parsed = parseRequest({ ...DEFAULT_REQUEST, ...modelDefaultsWith({ sampler }, modelDefaults), ...set });
  const asked = asPaintedBy(parsed, model.info);
  const adapters = await openAdapters(values.with ?? []);
  const names = adapters.loras.map(({ name }) => name);
  const seeded = resolveSeeds({ ...asked, prompt: namingLoras(asked.prompt, names) }, drawSeed);
  const { request, upscaler } = await upscalerOf(seeded, device);
  const job = {
    id: values.out,
    model: values.model,
    recipe: recipeFor(inputs, request),
    request,
    inputs,
    sink: 'file',
  };
  const grid = resolveGrid(batchGrid(job), await wildcardsIn(values.wildcards));
  const prepare = preparation(model, adapters);
  const hashes = (request: GenerationRequest) => hashesOf(values.model, adapters, request);
  const queue = new JobQueue();
  queue.enqueue(grid);
  await paintAll(queue, model, new Sinks({ file: fileSink(values.out, model, hashes) }), { given, upscaler, prepare });
  await upscaler?.release();
  await model.dispose();
}

main().then(
  () => process.exit(0), // the provider's threads would keep Node alive
  (error: unknown) => {
    console.error(error instanceof EaselError ? `${error.code}: ${error.message}` : error);
    process.exit(1);
  },
);
