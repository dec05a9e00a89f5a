import { SAMPLERS, type SamplerId } from './diffusion/samplers/index';
import { STEP_SCHEDULES, type StepScheduleId } from './diffusion/step-schedules/index';
import { EaselError } from './errors';

/**
 * GenerationRequest is the ONE serialisable settings type: the form, the worker's wire, PNG metadata, IndexedDB and the
 * command line all use it. Labels, ranges and defaults stand here, beside the field they describe.
 */
export interface GenerationRequest {
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
  /** The share of fresh noise, for samplers that have it; left out, it is the sampler's own. */
  eta?: number;
}

export interface NumberField {
  label: string;
  min: number;
  max: number;
  step: number;
  default: number;
  integer: boolean;
  /** One line: what it does. */
  help: string;
}

export type NumberFieldName = 'steps' | 'cfgScale' | 'seed' | 'width' | 'height' | 'batchCount' | 'eta';

export const RANDOM_SEED = -1;
export const MAX_SEED = 2 ** 32 - 1;

/** Labels are A1111's, so that people find what they know. */
export const NUMBER_FIELDS: Readonly<Record<NumberFieldName, NumberField>> = {
  steps: {
    label: 'Steps',
    min: 1,
    max: 150,
    step: 1,
    default: 20,
    integer: true,
    help: 'How many denoising steps. Past 20 to 30, pictures change little.',
  },
  cfgScale: {
    label: 'CFG scale',
    min: 1,
    max: 30,
    step: 0.5,
    default: 7,
    integer: false,
    help: 'How closely the picture follows the prompt. 1 turns guidance off and is twice as fast.',
  },
  seed: {
    label: 'Seed',
    min: RANDOM_SEED,
    max: MAX_SEED,
    step: 1,
    default: RANDOM_SEED,
    integer: true,
    help: 'The starting noise. The same seed and settings paint the same picture; -1 draws a new one.',
  },
  width: {
    label: 'Width',
    min: 64,
    max: 2048,
    step: 8,
    default: 512,
    integer: true,
    help: 'Picture width in pixels, a multiple of 8.',
  },
  height: {
    label: 'Height',
    min: 64,
    max: 2048,
    step: 8,
    default: 512,
    integer: true,
    help: 'Picture height in pixels, a multiple of 8.',
  },
  batchCount: {
    label: 'Batch count',
    min: 1,
    max: 64,
    step: 1,
    default: 1,
    integer: true,
    help: 'How many pictures to paint, with seeds counting up from the first.',
  },
  eta: {
    label: 'Eta',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0,
    integer: false,
    help: 'How much fresh noise each step adds. 0 repeats the same path; 1 is fully random.',
  },
};

/** What a model changes of the defaults when it is loaded (its manifest, or what its family is known for). */
export type ModelDefaults = Partial<
  Pick<GenerationRequest, 'sampler' | 'schedule' | 'steps' | 'cfgScale' | 'width' | 'height' | 'eta'>
>;

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

/** Why `value` cannot stand in `name`, as a sentence with the limit; undefined when it can. */
export function whyNot(name: NumberFieldName, value: unknown): string | undefined {
  const field = NUMBER_FIELDS[name];
  if (typeof value !== 'number' || !Number.isFinite(value)) return `${field.label} must be a number.`;
  if (field.integer && !Number.isInteger(value)) return `${field.label} must be a whole number.`;
  if (value < field.min) return `${field.label} must be at least ${field.min}.`;
  if (value > field.max) return `${field.label} must be at most ${field.max}.`;
  if ((name === 'width' || name === 'height') && value % field.step !== 0) {
    const lower = Math.max(field.min, Math.floor(value / field.step) * field.step);
    return `${field.label} must be a multiple of ${field.step}, such as ${lower} or ${lower + field.step}.`;
  }
  return undefined;
}

/**
 * Checks anything (a wire message, a stored record, parsed PNG text) and returns it as a request; missing fields take
 * their defaults, unknown fields are dropped.
 * @throws EaselError `bad-request` that names the field and its limit.
 */
export function parseRequest(value: unknown): GenerationRequest {
  if (typeof value !== 'object' || value === null) throw new EaselError('bad-request', 'The request is not an object.');
  const raw = value as Record<string, unknown>;
  const request: GenerationRequest = { ...DEFAULT_REQUEST };
  for (const name of ['prompt', 'negativePrompt'] as const) {
    const text = raw[name] ?? '';
    if (typeof text !== 'string') throw new EaselError('bad-request', `${name} must be text.`);
    request[name] = text;
  }
  for (const name of Object.keys(NUMBER_FIELDS) as NumberFieldName[]) {
    const number = raw[name] ?? DEFAULT_REQUEST[name];
    if (name === 'eta' && number === undefined) continue;
    const reason = whyNot(name, number);
    if (reason) throw new EaselError('bad-request', reason);
    request[name] = number as number;
  }
  const sampler = raw.sampler ?? DEFAULT_REQUEST.sampler;
  if (typeof sampler !== 'string' || !Object.hasOwn(SAMPLERS, sampler)) {
    throw new EaselError(
      'bad-request',
      `Unknown sampler "${String(sampler)}". Known: ${Object.keys(SAMPLERS).join(', ')}.`,
    );
  }
  request.sampler = sampler as SamplerId;
  const schedule = raw.schedule ?? DEFAULT_REQUEST.schedule;
  if (typeof schedule !== 'string' || !Object.hasOwn(STEP_SCHEDULES, schedule)) {
    throw new EaselError(
      'bad-request',
      `Unknown schedule "${String(schedule)}". Known: ${Object.keys(STEP_SCHEDULES).join(', ')}.`,
    );
  }
  request.schedule = schedule as StepScheduleId;
  return request;
}
