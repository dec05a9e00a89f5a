import { type SamplerId, samplerEntry, samplerLabel } from '../diffusion/samplers/index';
import { STEP_SCHEDULES, type StepScheduleId, scheduleLabel } from '../diffusion/step-schedules/index';
import { EaselError, type Said, said } from '../errors';
import type { Field, ValueOf } from './field';
import { FIELDS, type FieldName, type FieldsThat, fieldError, fieldLabel, fieldNames, MAX_SEED } from './fields';
import { hiresSampling, hiresSize } from './hires';

type RequiredName = FieldsThat<{ required: true }>;
export type ModelFieldName = FieldsThat<{ belongsTo: 'model' }>;

/** What a field of a request holds. */
export type FieldValue<Name extends FieldName> = ValueOf<(typeof FIELDS)[Name]>;

/**
 * GenerationRequest is the ONE serialisable settings type, made of `FIELDS`: the form, the worker's wire, PNG metadata,
 * IndexedDB and the command line all use it. What is left out is the sampler's own, the model's own, or off.
 */
export type GenerationRequest = { [Name in RequiredName]: FieldValue<Name> } & {
  [Name in Exclude<FieldName, RequiredName>]?: FieldValue<Name>;
};

/** What a model changes of the defaults when it is loaded (its manifest, or what its family is known for). */
export type ModelDefaults = Partial<Pick<GenerationRequest, ModelFieldName>>;

/** What a model may change of the defaults: how it likes to be used, never what is painted. */
export const MODEL_FIELDS = fieldNames(({ belongsTo }) => belongsTo === 'model') as ModelFieldName[];

export const DEFAULT_REQUEST = Object.fromEntries(
  fieldNames(({ required }) => required === true).map((name) => [name, FIELDS[name].default]),
) as unknown as Readonly<GenerationRequest>;

/** The seed that comes `count` after another; after the last one comes 0. */
export const seedAfter = (seed: number, count: number): number => (seed + count) % (MAX_SEED + 1);

/** What of a request paints one picture of its batch. @param index counts from 0 */
export function batchPicture(request: GenerationRequest, index: number): GenerationRequest {
  const { seed, variationSeed, variationStrength = 0 } = request;
  // As A1111: variations are of one seed.
  if (variationStrength > 0 && variationSeed !== undefined)
    return { ...request, variationSeed: seedAfter(variationSeed, index), batchCount: 1 };
  return { ...request, seed: seedAfter(seed, index), batchCount: 1 };
}

/** Which step schedules a sampler can use: none but its own where only the ends of the list count. */
export function schedulesOf(sampler: SamplerId): readonly StepScheduleId[] {
  return samplerEntry(sampler).ends ? ['automatic'] : (Object.keys(STEP_SCHEDULES) as StepScheduleId[]);
}

/** The fields that hold a prompt. */
type PromptName = FieldsThat<{ kind: 'text' }>;

/** Why a text is too long for a prompt, as a sentence; undefined when it is not. */
export function promptError(name: PromptName, text: string): Said | undefined {
  const { maxLength } = FIELDS[name];
  if (text.length <= maxLength) return undefined;
  const [has, most] = [text.length, maxLength].map((length) => length.toLocaleString('en'));
  return said`${fieldLabel(name)} must have ${most} characters at most; it has ${has}. Shorten it.`;
}

/** What fields that are right by themselves must keep to together. */
interface Rule {
  /** Those that give way where settings are read from elsewhere. */
  fields: readonly FieldName[];
  /** The sentence where it is broken. */
  broken(request: GenerationRequest): Said | false | undefined;
}

/** A prompt that is too long counts here: it stays in the form to be shortened. */
const RULES: readonly Rule[] = [
  { fields: [], broken: ({ prompt }) => promptError('prompt', prompt) },
  { fields: [], broken: ({ negativePrompt }) => promptError('negativePrompt', negativePrompt) },
  { fields: ['schedule'], broken: scheduleClash },
  { fields: ['steps'], broken: tooFewSteps },
  {
    fields: ['guidanceStart', 'guidanceEnd'],
    broken: ({ guidanceStart = 0, guidanceEnd = 1 }) =>
      guidanceStart > guidanceEnd && said`Guidance start must not come after guidance end.`,
  },
  {
    fields: ['sigmaMin', 'sigmaMax'],
    broken: ({ sigmaMin = 0, sigmaMax = 0 }) =>
      sigmaMax > 0 && sigmaMin >= sigmaMax && said`Schedule min sigma must be less than schedule max sigma.`,
  },
  {
    fields: ['seedResizeWidth', 'seedResizeHeight'],
    broken: ({ seedResizeWidth = 0, seedResizeHeight = 0 }) =>
      seedResizeWidth > 0 !== seedResizeHeight > 0 &&
      said`Resize seed from needs a width and a height; with 0 for both it is off.`,
  },
  {
    fields: ['sdUpscaleOverlap'],
    broken: ({ sdUpscale, sdUpscaleOverlap = FIELDS.sdUpscaleOverlap.default, width, height }) =>
      sdUpscale &&
      2 * sdUpscaleOverlap > Math.min(width, height) &&
      said`Tile overlap must be at most ${Math.min(width, height) / 2}, half of a tile’s shorter side.`,
  },
  { fields: ['hiresPrompt'], broken: ({ hiresPrompt = '' }) => promptError('hiresPrompt', hiresPrompt) },
  {
    fields: ['hiresNegativePrompt'],
    broken: ({ hiresNegativePrompt = '' }) => promptError('hiresNegativePrompt', hiresNegativePrompt),
  },
  { fields: ['hiresSchedule'], broken: (request) => request.hires && scheduleClash(hiresSampling(request)) },
  { fields: ['hiresSteps'], broken: (request) => request.hires && tooFewSteps(hiresSampling(request)) },
  { fields: ['hires', 'hiresScale', 'hiresWidth', 'hiresHeight'], broken: hiresSizeError },
];

function scheduleClash({ sampler, schedule }: Pick<GenerationRequest, 'sampler' | 'schedule'>): Said | false {
  if (schedulesOf(sampler).includes(schedule)) return false;
  return said`${samplerLabel(sampler)} places its own noise levels: its schedule must be ${scheduleLabel('automatic')}.`;
}

function tooFewSteps({ sampler, steps }: Pick<GenerationRequest, 'sampler' | 'steps'>): Said | false {
  const { minSteps = 1 } = samplerEntry(sampler);
  return steps < minSteps && said`${samplerLabel(sampler)} needs at least ${minSteps} steps.`;
}

function hiresSizeError(request: GenerationRequest): Said | false {
  if (!request.hires) return false;
  const { enlarged, width, height } = hiresSize(request);
  const { min } = FIELDS.width;
  const { max } = FIELDS.hiresWidth;
  if (Math.max(enlarged.width, enlarged.height) > max)
    return said`Hires. fix would enlarge the picture to ${enlarged.width} × ${enlarged.height} pixels. Keep it to ${max} a side.`;
  if (Math.min(width, height) < min)
    return said`Hires. fix would make a picture of ${width} × ${height} pixels. Each side needs ${min} at least.`;
  return false;
}

/** Why fields that are right by themselves cannot stand together, as a sentence; undefined when they can. */
export function requestConflict(request: GenerationRequest): Said | undefined {
  for (const { broken } of RULES) {
    const reason = broken(request);
    if (reason) return reason;
  }
  return undefined;
}

/**
 * Puts fields that cannot stand with the others back to their default, so that a form with these settings can generate.
 * @returns their names
 */
export function settleConflicts(request: Partial<GenerationRequest>): FieldName[] {
  const broken = RULES.filter((rule) => rule.broken({ ...DEFAULT_REQUEST, ...request }));
  const names = broken.flatMap(({ fields }) => fields).filter((name) => request[name] !== undefined);
  for (const name of names) {
    if (name in DEFAULT_REQUEST) Object.assign(request, { [name]: DEFAULT_REQUEST[name] });
    else delete request[name];
  }
  return names;
}

/**
 * Checks anything (a wire message, a stored record, parsed PNG text) and returns it as a request; missing fields take
 * their defaults, unknown fields are dropped.
 * @throws EaselError `bad-request` that names the field and its limit.
 */
export function parseRequest(value: unknown): GenerationRequest {
  if (typeof value !== 'object' || value === null)
    throw new EaselError('bad-request', said`The request is not an object.`);
  const request = readRequest(value as Record<string, unknown>, (_, reason) => {
    throw new EaselError('bad-request', reason);
  });
  const conflict = requestConflict(request);
  if (conflict) throw new EaselError('bad-request', conflict);
  return request;
}

/**
 * Of anything, those of some fields that it has, checked as in a request of defaults.
 * @throws EaselError `bad-request` as `parseRequest` does.
 */
export function parseFields<Name extends FieldName>(
  value: unknown,
  names: readonly Name[],
): Partial<Pick<GenerationRequest, Name>> {
  const request = parseRequest(value);
  const raw = value as Readonly<Record<string, unknown>>;
  const set = names.filter((name) => raw[name] !== undefined);
  return Object.fromEntries(set.map((name) => [name, request[name]])) as Partial<Pick<GenerationRequest, Name>>;
}

/**
 * Reads a request field by field. One that cannot stand takes its default, and `onBroken` hears which and why;
 * those that stand only by themselves stay, for `requestConflict` to name.
 */
export function readRequest(
  raw: Readonly<Record<string, unknown>>,
  onBroken: (name: FieldName, reason: Said) => void,
): GenerationRequest {
  const request: GenerationRequest = { ...DEFAULT_REQUEST };
  for (const name of fieldNames()) {
    const field: Field = FIELDS[name];
    const value = raw[name] ?? (field.required ? field.default : undefined);
    if (value === undefined) continue;
    const reason = fieldError(name, value);
    if (reason === undefined) Object.assign(request, { [name]: value });
    else onBroken(name, reason);
  }
  return request;
}
