import type { StepInfo } from '../core/diffusion/types';
import { EaselError } from '../core/errors';
import type { GivenPicture } from '../core/image/picture';
import { batchPicture, type GenerationRequest, parseRequest, whyNotPrompt } from '../core/request';
import { MAX_SEED, whyNot } from '../core/request-fields';
import { extraNetworks } from '../core/text/extra-networks';
import { tokenizePrompt } from '../core/text/windows';
import { stepsOfWalk, WALK_PICTURES, type Walk } from '../core/walk';
import { stopIfCancelled } from '../model/cancellation';
import { identifyFile } from '../model/parts/index';
import { isSingleFile, loadModel } from '../model/running/load';
import { type ChosenDevice, chooseDevice } from '../model/runtime/device';
import { withOwnKernels } from '../model/runtime/kernels/probe';
import { loadOrt } from '../model/runtime/ort';
import { openings, sessionCounts } from '../model/runtime/session';
import type { PaintingModel } from '../model/types';
import { paint } from '../pipeline/generate';
import { encodePicture } from '../pipeline/picture';
import type { PaintHooks } from '../pipeline/progress';
import { TextCache } from '../pipeline/text-cache';
import { AdapterRegistry } from './adapters';
import { type AttachTarget, attach, isNamedFile } from './attach';
import { parseGiven } from './given-picture';
import { asModelFiles, openSource, openVocabulary } from './model-source';
import { Previews } from './preview';
import type { EngineApi, EngineEvent, LoadRequest, WalkRequest } from './protocol';

type Emit = (event: EngineEvent) => void;

/** The API as it is served: every call is given a way to report progress, and a signal in the place of `cancel`. */
export type Engine = {
  [M in Exclude<keyof EngineApi, 'cancel'>]: (
    args: Parameters<EngineApi[M]>,
    emit: Emit,
    signal?: AbortSignal,
  ) => ReturnType<EngineApi[M]>;
};

/** One picture to paint. */
interface Job {
  request: GenerationRequest;
  walk?: Walk;
  given?: GivenPicture;
  /** What is to be said of it before it is painted, in sentences. */
  notes?: readonly string[];
}

/** One model at a time, one painting at a time. */
export function createEngine(): Engine {
  let model: PaintingModel | undefined;
  let on: ChosenDevice | undefined;
  const previews = new Previews();
  let adapters = new AdapterRegistry();
  let texts = new TextCache();
  const target = (): AttachTarget => {
    if (!model || !on) throw new EaselError('bad-request', 'No model is loaded yet.');
    return { model, device: on, adapters, previews };
  };
  const loaded = () => target().model;
  const paintAll = async (
    current: PaintingModel,
    jobs: readonly Job[],
    notes: readonly string[],
    emit: Emit,
    signal?: AbortSignal,
  ) => {
    texts.useWith(adapters.appliedKey);
    const started = performance.now();
    for (const [index, job] of jobs.entries()) {
      await paintOne(current, index === 0 ? { ...job, notes } : job, index, jobs.length, previews, texts, emit, signal);
    }
    return { pictures: jobs.length, totalMs: performance.now() - started };
  };
  return {
    async load([request], emit, signal) {
      const { source, device, kernels, vocabulary, prediction, vae } = parseLoad(request);
      const started = performance.now();
      const files = await openSource(source, (progress) => emit({ type: 'download', ...progress }), { signal });
      const { threads } = await loadOrt();
      await stopIfCancelled(signal);
      const chosen = await withOwnKernels(await chooseDevice(device, threads), kernels);
      const next = await loadModel(files, chosen, (stage) => emit({ type: 'stage', stage, picture: 0, pictures: 0 }), {
        vocabulary: isSingleFile(files) ? await openVocabulary(vocabulary, { signal }) : undefined,
        prediction,
        vae: vae && asModelFiles(vae),
        signal,
      });
      await previews.decodeWith(undefined);
      await model?.dispose();
      [model, on] = [next, chosen];
      [adapters, texts] = [new AdapterRegistry(), new TextCache()];
      return { info: model.info, device: model.device, loadMs: performance.now() - started };
    },
    async identify([file]) {
      if (!isNamedFile(file)) throw new EaselError('bad-request', 'What should be identified is not a file.');
      return identifyFile(asModelFiles(file).files);
    },
    async attach([kind, files], _emit, signal) {
      return attach(kind, files, target(), signal);
    },
    async generate([request, wished], emit, signal) {
      await stopIfCancelled(signal);
      const current = loaded();
      const checked = parseSeeded(request);
      const given = wished === undefined ? undefined : parseGiven(wished);
      const notes = await adapters.apply(current, checked, '', signal);
      const jobs = Array.from({ length: checked.batchCount }, (_, index) => ({
        request: batchPicture(checked, index),
        given,
      }));
      return paintAll(current, jobs, notes, emit, signal);
    },
    async walk([request], emit, signal) {
      await stopIfCancelled(signal);
      const current = loaded();
      const { from, to, pictures } = parseWalk(request);
      const notes = await adapters.apply(current, from, to.prompt, signal);
      return paintAll(current, stepsOfWalk({ ...from, batchCount: 1 }, to, pictures), notes, emit, signal);
    },
    async countTokens([prompt]) {
      if (typeof prompt !== 'string') throw new EaselError('bad-request', 'The prompt must be text.');
      const tooLong = whyNotPrompt('prompt', prompt);
      if (tooLong) throw new EaselError('bad-request', tooLong);
      const { tokens, windows } = tokenizePrompt(extraNetworks(prompt).prompt, loaded().tokenizer);
      return { tokens, windows: windows.length };
    },
    async statistics() {
      const runs = model?.runs ?? { unet: 0, textEncoder: 0, vaeDecoder: 0 };
      return {
        sessionsCreated: sessionCounts.created,
        sessionsReleased: sessionCounts.released,
        unetRuns: runs.unet,
        textEncoderRuns: runs.textEncoder,
        vaeDecoderRuns: runs.vaeDecoder,
        openings,
      };
    },
  };
}

async function paintOne(
  model: PaintingModel,
  { request, walk, given, notes: before = [] }: Job,
  picture: number,
  pictures: number,
  previews: Previews,
  texts: TextCache,
  emit: Emit,
  signal?: AbortSignal,
): Promise<void> {
  const { latentScale } = model.info;
  const [height, width] = [request.height / latentScale, request.width / latentScale];
  let stepStarted = 0;
  let msPerStep = 0;
  const hooks: PaintHooks = {
    signal,
    onStage(stage, place) {
      emit({ type: 'stage', stage, picture, pictures, place });
      stepStarted = performance.now();
    },
    async onStep(info: StepInfo) {
      const { step, of } = info;
      const now = performance.now();
      // The first step of a shape pays for the set-up; later ones tell what is to come.
      msPerStep = step < 2 ? now - stepStarted : 0.7 * msPerStep + 0.3 * (now - stepStarted);
      stepStarted = now;
      emit({ type: 'step', step: step + 1, of, picture, pictures, msPerStep });
      const preview = await previews.of(info, model.info, height, width);
      if (preview) emit({ type: 'preview', ...preview, sigma: info.sigma, step: step + 1, picture });
    },
  };
  const painted = await paint(model, request, hooks, { walk, given }, texts);
  const { png, parameters } = encodePicture(painted, request, model.info, walk);
  const { timings, place } = painted;
  const notes = [...before, ...painted.notes];
  const blob = new Blob([png], { type: 'image/png' });
  const size = { width: painted.width, height: painted.height };
  emit({
    type: 'picture',
    index: picture,
    picture: {
      png: blob,
      ...size,
      request,
      parameters,
      timings,
      place,
      notes: notes.length > 0 ? notes : undefined,
    },
  });
}

function parseSeeded(request: unknown): GenerationRequest {
  const checked = parseRequest(request);
  if (checked.seed < 0) throw new EaselError('bad-request', 'The seed must be drawn before the engine is asked.');
  return checked;
}

function parseWalk(request: WalkRequest): WalkRequest {
  const { from, to, pictures } = (request ?? {}) as Partial<WalkRequest>;
  const { seed, prompt } = to ?? {};
  if (seed === undefined && prompt === undefined)
    throw new EaselError('bad-request', 'A walk needs another seed or another prompt to go to.');
  if (seed !== undefined && (whyNot('seed', seed) || seed < 0))
    throw new EaselError('bad-request', `The seed that the walk goes to must be a whole number of 0 to ${MAX_SEED}.`);
  if (prompt !== undefined && typeof prompt !== 'string')
    throw new EaselError('bad-request', 'The prompt that the walk goes to must be text.');
  const tooLong = whyNotPrompt('prompt', prompt ?? '');
  if (tooLong) throw new EaselError('bad-request', tooLong);
  const { min, max } = WALK_PICTURES;
  if (!Number.isInteger(pictures) || Number(pictures) < min || Number(pictures) > max)
    throw new EaselError('bad-request', `A walk has ${min} to ${max} pictures.`);
  const end = { ...(seed === undefined ? {} : { seed }), ...(prompt === undefined ? {} : { prompt }) };
  return { from: parseSeeded(from), to: end, pictures: Number(pictures) };
}

function parseLoad(request: LoadRequest): LoadRequest {
  const { source, device, kernels = 'auto', vocabulary, prediction, vae } = (request ?? {}) as Partial<LoadRequest>;
  if (device !== 'auto' && device !== 'webgpu' && device !== 'wasm') {
    throw new EaselError('bad-request', `Unknown device ${JSON.stringify(device)}.`);
  }
  if (kernels !== 'auto' && kernels !== 'own' && kernels !== 'onnxruntime')
    throw new EaselError('bad-request', `Unknown kernels ${JSON.stringify(kernels)}.`);
  const isUrl = source?.kind === 'url' && typeof source.base === 'string';
  const isFolder =
    source?.kind === 'folder' &&
    typeof source.name === 'string' &&
    Array.isArray(source.files) &&
    source.files.every((entry) => typeof entry?.path === 'string' && entry.file instanceof Blob);
  if (!source || !(isUrl || isFolder))
    throw new EaselError('bad-request', 'The model source is neither an address nor a folder.');
  if (typeof vocabulary !== 'string') throw new EaselError('bad-request', 'The address of the vocabulary is missing.');
  if (prediction !== undefined && prediction !== 'epsilon' && prediction !== 'v_prediction')
    throw new EaselError('bad-request', `Unknown prediction type ${JSON.stringify(prediction)}.`);
  if (vae !== undefined && !isNamedFile(vae)) throw new EaselError('bad-request', 'The VAE is not a file.');
  return { source, device, kernels, vocabulary, prediction, vae };
}
