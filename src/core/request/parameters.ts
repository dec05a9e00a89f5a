import { version } from '../../../package.json';
import { SAMPLERS, type SamplerId, samplerEntry } from '../diffusion/samplers/index';
import { STEP_SCHEDULES, type StepScheduleId } from '../diffusion/step-schedules/index';
import { EaselError } from '../errors';
import {
  CHOICE_FIELDS,
  EXTRA_NUMBERS,
  type ExtraNumber,
  FLAG_FIELDS,
  fieldError,
  NUMBER_FIELDS,
  type NumberFieldName,
  TUNING_NUMBERS,
} from './fields';
import { givenPictureEntries, readGivenPicture, strengthEntry } from './image-parameters';
import { DEFAULT_REQUEST, type GenerationRequest, promptError } from './request';
import type { Walk } from './walk';

/** Written as `Version`; A1111 shows it and nothing parses it. */
const EASEL_VERSION = `Easel ${version}`;

/** What the text says beyond the request. */
export interface GenerationFacts {
  model: string;
  /** The schedule that "Automatic" was resolved to: A1111 writes what ran. */
  schedule: Exclude<StepScheduleId, 'automatic'>;
  /** Where the picture stands between two seeds or prompts; other programs have no word for it. */
  walk?: Walk;
  /** What it was painted from, if not from noise alone. */
  given?: 'picture' | 'picture-and-mask';
}

/** Numbers that A1111 writes right after the model. */
const EARLY: readonly ExtraNumber[] = ['clipSkip', 'etaNoiseSeedDelta'];
const FLAGS = ['fast', 'discardPenultimate', 'quantise'] as const;
const VARIANT = 'UniPC variant';

/** A1111's word for a number in its text; Easel's label, where A1111 has no such setting. */
function keyOf(name: NumberFieldName, sampler: SamplerId): string {
  if (name === 'etaNoiseSeedDelta') return 'ENSD';
  return name === 'order' && sampler === 'unipc' ? 'UniPC order' : NUMBER_FIELDS[name].label;
}

/** A1111 quotes as JSON what its comma-separated line could not otherwise hold. */
const quoted = (value: string) => (/[,:\n]/.test(value) ? JSON.stringify(value) : value);

/**
 * The settings as A1111's `parameters` text: prompt, negative prompt, then one line of `Key: value` in A1111's order,
 * so that the PNG reads the same in A1111, Forge, Civitai and here.
 */
export function writeParameters(request: GenerationRequest, facts: GenerationFacts): string {
  const sampler = samplerEntry(request.sampler);
  const { options } = sampler;
  const tuned = TUNING_NUMBERS.filter((name) => name in options && (request[name] ?? options[name]) !== options[name]);
  const set = EXTRA_NUMBERS.filter(
    (name) => (request[name] ?? NUMBER_FIELDS[name].default) !== NUMBER_FIELDS[name].default,
  );
  const numbers = (names: readonly NumberFieldName[]) =>
    names.map((name): [string, number | undefined] => [keyOf(name, request.sampler), request[name]]);
  const changed = (name: 'unipcVariant' | 'varianceType') =>
    name in options && request[name] !== options[name] ? request[name] : undefined;
  // As Python writes them.
  const flags = FLAGS.map((name): [string, string | undefined] => [
    FLAG_FIELDS[name].label,
    request[name] === undefined ? undefined : request[name] ? 'True' : 'False',
  ]);
  const entries: [string, string | number | undefined][] = [
    ['Steps', request.steps],
    ['Sampler', sampler.label],
    ['Schedule type', STEP_SCHEDULES[facts.schedule].label],
    ['CFG scale', request.cfgScale],
    ['Seed', request.seed],
    ['Size', `${request.width}x${request.height}`],
    ['Model', facts.model],
    ...(facts.given ? [strengthEntry(request)] : []),
    ...numbers(set.filter((name) => EARLY.includes(name))),
    ['RNG', (request.noiseSource ?? 'cpu').toUpperCase()],
    ...(facts.given ? givenPictureEntries(request, facts.given === 'picture-and-mask') : []),
    ...numbers(tuned),
    [VARIANT, changed('unipcVariant')],
    [CHOICE_FIELDS.varianceType.label, changed('varianceType')],
    ...flags,
    ...numbers(set.filter((name) => !EARLY.includes(name))),
    ['Walk seed', facts.walk?.seed],
    ['Walk prompt', facts.walk?.prompt],
    ['Walk share', facts.walk && Number(facts.walk.share.toFixed(4))],
    ['Version', EASEL_VERSION],
  ];
  const line = entries
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${quoted(String(value))}`)
    .join(', ');
  const negative = request.negativePrompt === '' ? '' : `\nNegative prompt: ${request.negativePrompt}`;
  return `${request.prompt}${negative}\n${line}`;
}

/** Characters of a key. A run of them is looked at once, whether a colon follows or not. */
const KEY = /[\w \-/]+/g;
const VALUE = /:\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)/y;

/** The `Key: value` pairs of a line, as A1111's `\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)` finds them. */
function entriesOf(line: string): [key: string, value: string][] {
  const entries: [string, string][] = [];
  KEY.lastIndex = 0;
  for (let run = KEY.exec(line); run; run = KEY.exec(line)) {
    const key = run[0].replace(/^[ \-/]+/, '');
    VALUE.lastIndex = KEY.lastIndex;
    const value = key.length > 1 ? VALUE.exec(line)?.[1] : undefined;
    if (value === undefined) continue;
    entries.push([key, value]);
    KEY.lastIndex = VALUE.lastIndex;
  }
  return entries;
}

/** The prompt, the negative prompt and the raw `Key: value` pairs of a `parameters` text, by A1111's own rules. */
export function splitParameters(text: string): { prompt: string; negativePrompt: string; values: Map<string, string> } {
  const lines = text.trim().split('\n');
  const values = new Map<string, string>();
  const last = entriesOf(lines[lines.length - 1]);
  if (last.length >= 3) {
    lines.pop();
    for (const [key, value] of last) values.set(key, unquoted(value));
  }
  const at = lines.findIndex((line) => line.startsWith('Negative prompt:'));
  const positive = at < 0 ? lines : lines.slice(0, at);
  const negative = at < 0 ? [] : lines.slice(at);
  if (negative.length > 0) negative[0] = negative[0].slice('Negative prompt:'.length);
  return { prompt: positive.join('\n').trim(), negativePrompt: negative.join('\n').trim(), values };
}

/** What may be JSON: finding that out by an error takes longer. */
const QUOTED = /^"(?:\\.|[^\\"])*"$/s;

function unquoted(value: string): string {
  const trimmed = value.trim();
  if (!trimmed.startsWith('"')) return trimmed;
  if (!QUOTED.test(trimmed)) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}

/** Settings out of a text, and what of it was not taken. */
export interface ReadSettings {
  request: Partial<GenerationRequest>;
  ignored: string[];
}

/**
 * The settings that a `parameters` text of A1111, Forge or Easel holds; what it does not say, or says in a way that
 * Easel does not have, is left out and named in `ignored`.
 * @throws EaselError `bad-request` for a prompt that is too long.
 */
export function readParameters(text: string): ReadSettings {
  const { prompt, negativePrompt, values } = splitParameters(text);
  const tooLong = promptError('prompt', prompt) ?? promptError('negativePrompt', negativePrompt);
  if (tooLong) throw new EaselError('bad-request', tooLong);
  const request: Partial<GenerationRequest> = { prompt, negativePrompt };
  const ignored: string[] = [];
  const number = (key: string, field: NumberFieldName, value: string | undefined) => {
    if (value === undefined) return;
    const parsed = Number(value);
    if (value === '' || fieldError(field, parsed)) ignored.push(`${key}: ${value}`);
    else request[field] = parsed;
  };
  number('Steps', 'steps', values.get('Steps'));
  number('CFG scale', 'cfgScale', values.get('CFG scale'));
  number('Seed', 'seed', values.get('Seed'));
  const [width, height] = values.get('Size')?.split('x') ?? [];
  number('Size', 'width', width);
  number('Size', 'height', height);
  Object.assign(request, samplerAndSchedule(values, ignored));
  const sampler = request.sampler ?? DEFAULT_REQUEST.sampler;
  number('Eta', 'eta', values.get('Eta') ?? values.get('Eta DDIM'));
  for (const name of [...TUNING_NUMBERS, ...EXTRA_NUMBERS]) {
    if (name !== 'eta') number(keyOf(name, sampler), name, values.get(keyOf(name, sampler)));
  }
  Object.assign(request, choicesOf(values, ignored), readGivenPicture(values, ignored));
  return { request, ignored: ignored.map(shortened) };
}

/** What cannot be taken is shown to people, who know a value by its beginning. */
const shortened = (entry: string) => (entry.length > MAX_SHOWN ? `${entry.slice(0, MAX_SHOWN)}…` : entry);
const MAX_SHOWN = 100;

/** Settings with named values. */
function choicesOf(values: Map<string, string>, ignored: string[]): Partial<GenerationRequest> {
  const found: Partial<GenerationRequest> = {};
  const choice = (key: string, field: 'noiseSource' | 'unipcVariant' | 'varianceType') => {
    const value = values.get(key);
    if (value === undefined) return;
    const known = CHOICE_FIELDS[field].choices.find((c) => c.value === value.toLowerCase())?.value;
    if (known === undefined) ignored.push(`${key}: ${value}`);
    else Object.assign(found, { [field]: known });
  };
  choice('RNG', 'noiseSource');
  // A1111 leaves RNG out where the noise was drawn on the GPU; programs that always draw on the CPU do not write its
  // version.
  if (!values.has('RNG') && /^[vf]\d/.test(values.get('Version') ?? '')) found.noiseSource = 'nv';
  choice(VARIANT, 'unipcVariant');
  choice(CHOICE_FIELDS.varianceType.label, 'varianceType');
  for (const name of FLAGS) {
    const value = values.get(FLAG_FIELDS[name].label);
    if (value !== undefined) found[name] = value === 'True';
  }
  return found;
}

function idByLabel<T extends string>(registry: Record<T, { label: string }>, label: string): T | undefined {
  const wanted = label.toLowerCase();
  return (Object.keys(registry) as T[]).find((id) => registry[id].label.toLowerCase() === wanted);
}

/** Before A1111 1.9 the schedule was part of the sampler's name: "DPM++ 2M Karras". */
function samplerAndSchedule(
  values: Map<string, string>,
  ignored: string[],
): { sampler?: SamplerId; schedule?: StepScheduleId } {
  const name = values.get('Sampler');
  if (name === undefined) return {};
  const scheduleName = values.get('Schedule type');
  const [combined] = Object.values(STEP_SCHEDULES)
    .map(({ label }) => label)
    .filter((label) => name.endsWith(` ${label}`))
    .sort((a, b) => b.length - a.length); // "SGM Uniform" before "Uniform"
  const sampler =
    idByLabel(SAMPLERS, name) ?? (combined ? idByLabel(SAMPLERS, name.slice(0, -combined.length - 1)) : undefined);
  if (!sampler) {
    ignored.push(`Sampler: ${name}`);
    return {};
  }
  const label = scheduleName ?? (idByLabel(SAMPLERS, name) ? STEP_SCHEDULES.automatic.label : combined);
  const schedule = label === undefined ? undefined : idByLabel(STEP_SCHEDULES, label);
  if (label !== undefined && !schedule) ignored.push(`Schedule type: ${label}`);
  return { sampler, schedule: schedule ?? DEFAULT_REQUEST.schedule };
}
