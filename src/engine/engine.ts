import { EaselError, said } from '../core/errors';
import { batchPicture, parseFields } from '../core/request/request';
import { stepOfWalk } from '../core/request/walk';
import { splitPrompts } from '../core/text/composition';
import { extraNetworks } from '../core/text/extra-networks';
import { scheduledTexts } from '../core/text/schedule';
import { tokenizePrompt } from '../core/text/windows';
import { stopIfCancelled } from '../model/cancellation';
import { identifyFile, openPart } from '../model/parts/index';
import type { PaintingModel } from '../model/running/painting-model';
import { chooseDevice } from '../model/runtime/device';
import { loadOrt } from '../model/runtime/ort';
import { openings, sessionCounts } from '../model/runtime/session';
import type { Tokenizer } from '../model/runtime/tokenizer';
import { safetensorsOf } from '../model/weights/save-safetensors';
import { pictureBound } from '../pipeline/bound';
import { attach } from './attach';
import { parseGiven, parseInputs } from './given-picture';
import { asModelFiles } from './model-source';
import { type OpenModel, openModel } from './open-model';
import { paintAll } from './paint-all';
import { Previews } from './preview';
import type { DeviceReport, EngineApi, EngineEvent, EngineStatistics, TokenCount } from './protocol';
import { parseSeeded, parseWalk } from './requests';
import { upscale } from './upscale';
import { BoundSchema, DeviceSchema, HashesSchema, LoadSchema, NamedFileSchema, read } from './wire';

type Emit = (event: EngineEvent) => void;

/** The API as it is served: every call is given a way to report progress, and a signal in the place of `cancel`. */
export type Engine = {
  [M in Exclude<keyof EngineApi, 'cancel'>]: (
    args: Parameters<EngineApi[M]>,
    emit: Emit,
    signal?: AbortSignal,
  ) => ReturnType<EngineApi[M]>;
};

/** One model at a time, one painting at a time. */
export function createEngine(): Engine {
  let current: OpenModel | undefined;
  const previews = new Previews();
  const opened = () => {
    if (!current) throw new EaselError('bad-request', said`No model is loaded yet.`);
    return current;
  };
  return {
    async load([request], emit, signal) {
      const started = performance.now();
      const next = await openModel(read(LoadSchema, request, said`What should be loaded is not said.`), emit, signal);
      await previews.decodeWith(undefined);
      await current?.model.dispose();
      current = next;
      return { info: next.model.info, device: next.model.device, loadMs: performance.now() - started };
    },
    rest: async () => current?.model.dispose(),
    device: ([preference]) => describeDevice(preference),
    identify: ([file]) => identify(file),
    asSafetensors: ([file]) => asSafetensors(file),
    attach: async ([kind, files], _emit, signal) => attach(kind, files, { open: opened(), previews }, signal),
    async generate([requested, inputs], emit, signal) {
      await stopIfCancelled(signal);
      const open = opened();
      const request = parseSeeded(requested);
      const { given, upscaler } = parseInputs(inputs);
      const notes = await open.adapters.apply(open.model, request, '', signal);
      const indices = Array.from({ length: request.batchCount }, (_, index) => index);
      const jobs = indices.map((index) => ({ request: batchPicture(request, index), given }));
      return paintAll(jobs, notes, { open, previews, upscaler, emit, signal });
    },
    async walk([requested, mix, inputs], emit, signal) {
      await stopIfCancelled(signal);
      const open = opened();
      const from = { ...parseSeeded(requested), batchCount: 1 };
      const walk = parseWalk(mix);
      const { upscaler } = parseInputs(inputs);
      const notes = await open.adapters.apply(
        open.model,
        from,
        `${walk.prompt ?? ''}\n${walk.negativePrompt ?? ''}`,
        signal,
      );
      return paintAll([stepOfWalk(from, walk)], notes, { open, previews, upscaler, emit, signal });
    },
    async bound([request], _emit, signal) {
      const { label, timesteps, seed } = read(BoundSchema, request, said`Which terms of the bound is not said.`);
      const { picture } = parseGiven({ picture: request.picture });
      return pictureBound(opened().model, picture, { label, timesteps, seed, signal });
    },
    upscale: ([request], emit, signal) => upscale(request, current?.device, emit, signal),
    countTokens: async ([prompt]) => countTokens(prompt, opened().model.tokenizer),
    async tellHashes([hashes]) {
      opened().hashes = read(HashesSchema, hashes, said`The hashes of files are none.`);
    },
    statistics: async () => statisticsOf(current?.model),
  };
}

async function describeDevice(preference: unknown): Promise<DeviceReport> {
  const { threads } = await loadOrt();
  return (await chooseDevice(read(DeviceSchema, preference), threads)).report;
}

async function identify(file: unknown): ReturnType<EngineApi['identify']> {
  const named = read(NamedFileSchema, file, said`What should be identified is not a file.`);
  return identifyFile(asModelFiles(named).files);
}

async function asSafetensors(file: unknown): Promise<Blob> {
  const named = read(NamedFileSchema, file, said`What should be saved is not a file.`);
  return safetensorsOf((await openPart(asModelFiles(named).files)).dict);
}

/** A prompt is counted by what it says within so many steps, A1111's most: beyond them few change. */
const COUNTED_STEPS = 150;
/** As many of a changing prompt's texts as are counted: the longest ones. */
const MAX_COUNTED = 8;

/** Of the longest text that the prompt becomes, in any of its parts joined by AND. */
function countTokens(prompt: unknown, tokenizer: Tokenizer): TokenCount {
  const { prompt: checked = '' } = parseFields({ prompt }, ['prompt']);
  const texts = splitPrompts(extraNetworks(checked).prompt).flatMap(({ text }) => scheduledTexts(text, COUNTED_STEPS));
  const counts = texts
    .sort((a, b) => b.length - a.length)
    .slice(0, MAX_COUNTED)
    .map((text) => tokenizePrompt(text, tokenizer));
  const longest = counts.reduce((most, count) => (count.tokens > most.tokens ? count : most));
  return { tokens: longest.tokens, windows: longest.windows.length };
}

function statisticsOf(model: PaintingModel | undefined): EngineStatistics {
  const runs = model?.runs ?? { unet: 0, textEncoder: 0, vaeDecoder: 0 };
  return {
    sessionsCreated: sessionCounts.created,
    sessionsReleased: sessionCounts.released,
    unetRuns: runs.unet,
    textEncoderRuns: runs.textEncoder,
    vaeDecoderRuns: runs.vaeDecoder,
    openings,
  };
}
