import { SAMPLERS, type SamplerId, type SamplerTuning, samplerEntry } from '../diffusion/samplers/index';
import { STEP_SCHEDULES, type StepScheduleId } from '../diffusion/step-schedules/index';
import { EaselError } from '../errors';
import type { MaskedContent } from '../image/masked-content';
import type { ResizeMode } from '../image/resize-modes';
import type { NoiseKind } from '../random';
import {
  CHOICE_FIELDS,
  type ChoiceFieldName,
  FLAG_FIELDS,
  type FlagFieldName,
  fieldError,
  MAX_SEED,
  NUMBER_FIELDS,
  type NumberFieldName,
} from './fields';

/**
 * GenerationRequest is the ONE serialisable settings type: the form, the worker's wire, PNG metadata, IndexedDB and the
 * command line all use it. Labels, ranges and defaults of its numbers and choices stand in `request-fields.ts`.
 */
export interface GenerationRequest extends SamplerTuning {
  prompt: string;
  negativePrompt: string;
  sampler: SamplerId;
  schedule: StepScheduleId;
  steps: number;
  cfgScale: number;
  /** 0 .. 2^32 - 1, or -1 for a random one (resolved before the engine sees it). */
  seed: number;
  width: number;
  height: number;
  /** Pictures painted one after another, with seeds seed, seed + 1, ... */
  batchCount: number;
  /** What `SamplerTuning` leaves out is the sampler's own; what follows is off, or the model's own, when left out. */
  /** Which layer of the text encoder the prompt is read from, counted from its end as A1111 does. */
  clipSkip?: number;
  guidanceRescale?: number;
  /** With the LoRA that the model brings for few steps. */
  fast?: boolean;
  /** How strongly a classifier that came with the model guides toward what the prompt names. */
  classifierScale?: number;
  /** Guidance is on in this part of the run, in shares of its steps. */
  guidanceStart?: number;
  guidanceEnd?: number;
  /** Whose generator the noise comes from: torch's on the CPU, or CUDA's. */
  noiseSource?: NoiseKind;
  /** Added to the seed for the noise within the run (A1111's ENSD). */
  etaNoiseSeedDelta?: number;
  discardPenultimate?: boolean;
  sigmaMin?: number;
  sigmaMax?: number;
  rho?: number;
  /** Parameters of the Beta schedules. */
  betaAlpha?: number;
  betaBeta?: number;
  /** The model is told the nearest timestep it was trained on, instead of one in between. */
  quantise?: boolean;
  /** What follows matters only with a given picture. How much of it is painted anew, 0 .. 1. */
  denoisingStrength?: number;
  resizeMode?: ResizeMode | 'latent-resize';
  /** The mean of the autoencoder's posterior, or a draw from it. */
  posterior?: 'mean' | 'sample';
  /** All of `steps` are run, whatever the denoising strength. */
  exactSteps?: boolean;
  /** What follows matters only with a mask. Standard deviation of its blur, in pixels of the given picture. */
  maskBlur?: number;
  maskMode?: 'masked' | 'not-masked';
  maskedContent?: MaskedContent;
  inpaintArea?: 'whole' | 'only-masked';
  /** Pixels of the given picture around the mask that are painted along when only the masked part is. */
  inpaintPadding?: number;
  /** How a model of four input channels is held to the rest of the picture. */
  inpaintWay?: 'a1111' | 'diffusers';
  /** A mask's grey is a share of the strength. */
  softMask?: boolean;
}

/** The seed that comes `count` after another; after the last one comes 0. */
export const seedAfter = (seed: number, count: number): number => (seed + count) % (MAX_SEED + 1);

/** What of a request paints one picture of its batch. @param index counts from 0 */
export function batchPicture(request: GenerationRequest, index: number): GenerationRequest {
  return { ...request, seed: seedAfter(request.seed, index), batchCount: 1 };
}

/** What a model may change of the defaults: how it likes to be used, never what is painted. */
export const MODEL_SETTINGS = [
  'sampler',
  'schedule',
  'steps',
  'cfgScale',
  'width',
  'height',
  'eta',
  'guidanceRescale',
] as const satisfies readonly (keyof GenerationRequest)[];

/** The longest prompt, in UTF-16 units as text fields count them: some hundred times what any model was trained on. */
export const MAX_PROMPT = 100_000;

const PROMPT_LABELS = { prompt: 'The prompt', negativePrompt: 'The negative prompt' } as const;

/** Why a text cannot be a prompt, as a sentence; undefined when it can. */
export function promptError(name: keyof typeof PROMPT_LABELS, text: string): string | undefined {
  if (text.length <= MAX_PROMPT) return undefined;
  const [has, most] = [text.length, MAX_PROMPT].map((length) => length.toLocaleString('en'));
  return `${PROMPT_LABELS[name]} has ${has} characters. Shorten it to ${most} at most.`;
}

/** What a model changes of the defaults when it is loaded (its manifest, or what its family is known for). */
export type ModelDefaults = Partial<Pick<GenerationRequest, (typeof MODEL_SETTINGS)[number]>>;

export const DEFAULT_REQUEST: Readonly<GenerationRequest> = {
  prompt: '',
  negativePrompt: '',
  sampler: 'dpmpp_2m',
  schedule: 'automatic',
  steps: NUMBER_FIELDS.steps.default,
  cfgScale: NUMBER_FIELDS.cfgScale.default,
  seed: NUMBER_FIELDS.seed.default,
  width: NUMBER_FIELDS.width.default,
  height: NUMBER_FIELDS.height.default,
  batchCount: NUMBER_FIELDS.batchCount.default,
};

/** Which step schedules a sampler can use: none but its own where only the ends of the list count. */
export function schedulesOf(sampler: SamplerId): readonly StepScheduleId[] {
  return samplerEntry(sampler).ends ? ['automatic'] : (Object.keys(STEP_SCHEDULES) as StepScheduleId[]);
}

/**
 * Why fields that are right by themselves cannot stand together, as a sentence; undefined when they can. A prompt that
 * is too long counts here: it stays in the form to be shortened.
 */
export function requestConflict(request: GenerationRequest): string | undefined {
  const tooLong = promptError('prompt', request.prompt) ?? promptError('negativePrompt', request.negativePrompt);
  if (tooLong) return tooLong;
  const { label, minSteps = 1 } = samplerEntry(request.sampler);
  if (!schedulesOf(request.sampler).includes(request.schedule))
    return `${label} places its own noise levels: its schedule must be ${STEP_SCHEDULES.automatic.label}.`;
  if (request.steps < minSteps) return `${label} needs at least ${minSteps} steps.`;
  const { guidanceStart = 0, guidanceEnd = 1, sigmaMin = 0, sigmaMax = 0 } = request;
  if (guidanceStart > guidanceEnd) return 'Guidance start must not come after guidance end.';
  if (sigmaMax > 0 && sigmaMin >= sigmaMax) return 'Schedule min sigma must be less than schedule max sigma.';
  return undefined;
}

/**
 * Checks anything (a wire message, a stored record, parsed PNG text) and returns it as a request; missing fields take
 * their defaults, unknown fields are dropped.
 * @throws EaselError `bad-request` that names the field and its limit.
 */
export function parseRequest(value: unknown): GenerationRequest {
  if (typeof value !== 'object' || value === null) throw new EaselError('bad-request', 'The request is not an object.');
  const request = readRequest(value as Record<string, unknown>, (_, reason) => {
    throw new EaselError('bad-request', reason);
  });
  const clash = requestConflict(request);
  if (clash) throw new EaselError('bad-request', clash);
  return request;
}

/**
 * Reads a request field by field. One that cannot stand takes its default, and `onBroken` hears its label and why;
 * those that stand only by themselves stay, for `requestConflict` to name.
 */
export function readRequest(
  raw: Readonly<Record<string, unknown>>,
  onBroken: (label: string, reason: string) => void,
): GenerationRequest {
  const request: GenerationRequest = { ...DEFAULT_REQUEST };
  const take = (name: keyof GenerationRequest, label: string, value: unknown, reason: string | undefined): void => {
    if (reason === undefined) Object.assign(request, { [name]: value });
    else onBroken(label, reason);
  };
  for (const [name, label] of [
    ['prompt', 'Prompt'],
    ['negativePrompt', 'Negative prompt'],
  ] as const) {
    const text = raw[name] ?? '';
    take(name, label, text, typeof text === 'string' ? undefined : `${name} must be text.`);
  }
  for (const name of Object.keys(NUMBER_FIELDS) as NumberFieldName[]) {
    const number = raw[name] ?? DEFAULT_REQUEST[name];
    if (number !== undefined) take(name, NUMBER_FIELDS[name].label, number, fieldError(name, number));
  }
  const sampler = raw.sampler ?? DEFAULT_REQUEST.sampler;
  const schedule = raw.schedule ?? DEFAULT_REQUEST.schedule;
  take('sampler', 'Sampler', sampler, unknownError('sampler', sampler, SAMPLERS));
  take('schedule', 'Schedule', schedule, unknownError('schedule', schedule, STEP_SCHEDULES));
  for (const name of Object.keys(CHOICE_FIELDS) as ChoiceFieldName[]) {
    if (raw[name] !== undefined) take(name, CHOICE_FIELDS[name].label, raw[name], choiceError(name, raw[name]));
  }
  for (const name of Object.keys(FLAG_FIELDS) as FlagFieldName[]) {
    const { label } = FLAG_FIELDS[name];
    const isFlag = typeof raw[name] === 'boolean';
    if (raw[name] !== undefined) take(name, label, raw[name], isFlag ? undefined : `${label} must be true or false.`);
  }
  return request;
}

function unknownError(what: string, id: unknown, known: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof id === 'string' && Object.hasOwn(known, id)) return undefined;
  return `Unknown ${what} ${JSON.stringify(id)}. Known: ${Object.keys(known).join(', ')}.`;
}

function choiceError(name: ChoiceFieldName, value: unknown): string | undefined {
  const { label, choices } = CHOICE_FIELDS[name];
  const known = choices.map((choice) => choice.value as string);
  return typeof value === 'string' && known.includes(value)
    ? undefined
    : `${label} must be one of ${known.join(', ')}.`;
}
