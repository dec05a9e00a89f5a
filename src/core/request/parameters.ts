import { version } from '../../../package.json';
import { SAMPLERS, type SamplerId } from '../diffusion/samplers/index';
import { STEP_SCHEDULES, type StepScheduleId } from '../diffusion/step-schedules/index';
import { EaselError } from '../errors';
import { applies, fieldDefault, type PaintedFrom } from './applicable';
import type { Field, FieldText } from './field';
import { FIELDS, type FieldName, fieldError, fieldNames } from './fields';
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

/** How a field stands in the text. */
function textOf(name: FieldName): FieldText {
  const { text }: Field = FIELDS[name];
  return text || {};
}

/** Beyond every order. */
const LAST = 1000;

/** The fields that the text names, in A1111's order. */
const TEXT_FIELDS = fieldNames(({ text }) => text !== false).sort(
  (a, b) => (textOf(a).order ?? LAST) - (textOf(b).order ?? LAST),
);

/** A1111 writes the model's name after the size. */
const MODEL_AFTER: FieldName = 'height';

/** A1111's word for a field; Easel's label, where A1111 has no such setting. */
function keyOf(name: FieldName, sampler: SamplerId): string {
  const { key, keyOfSampler } = textOf(name);
  return keyOfSampler?.[sampler] ?? key ?? FIELDS[name].label;
}

/** A1111 quotes as JSON what its comma-separated line could not otherwise hold. */
const quoted = (value: string) => (/[,:\n]/.test(value) ? JSON.stringify(value) : value);

/** What the text says of a field; undefined where it means nothing, or need not be said. */
function written(name: FieldName, request: GenerationRequest, from: PaintedFrom): string | undefined {
  if (!applies(name, request, { from })) return undefined;
  const field: Field = FIELDS[name];
  const { always, omits } = textOf(name);
  const value = request[name] ?? (always || omits !== undefined ? field.default : undefined);
  if (value === undefined || (!always && value === (omits ?? fieldDefault(name, request)))) return undefined;
  if (typeof value === 'boolean') return value ? 'True' : 'False'; // as Python writes them
  const chosen = field.kind === 'choice' ? field.choices.find((known) => known.value === value) : undefined;
  return chosen?.text ?? chosen?.label ?? String(value);
}

/**
 * The settings as A1111's `parameters` text: prompt, negative prompt, then one line of `Key: value` in A1111's order,
 * so that the PNG reads the same in A1111, Forge, Civitai and here.
 */
export function writeParameters(request: GenerationRequest, facts: GenerationFacts): string {
  const ran = { ...request, schedule: facts.schedule };
  const from = facts.given === undefined ? 'words' : facts.given === 'picture' ? 'picture' : 'mask';
  const entries = new Map<string, string>();
  for (const name of TEXT_FIELDS) {
    const value = written(name, ran, from);
    const key = keyOf(name, request.sampler);
    if (value !== undefined) entries.set(key, textOf(name).part ? `${entries.get(key)}x${value}` : value);
    if (name === MODEL_AFTER) entries.set('Model', facts.model);
  }
  const { walk } = facts;
  if (walk?.seed !== undefined) entries.set('Walk seed', String(walk.seed));
  if (walk?.prompt !== undefined) entries.set('Walk prompt', walk.prompt);
  if (walk) entries.set('Walk share', String(Number(walk.share.toFixed(4))));
  entries.set('Version', EASEL_VERSION);
  const line = Array.from(entries, ([key, value]) => `${key}: ${quoted(value)}`).join(', ');
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
  for (const name of TEXT_FIELDS) {
    if (name === 'sampler') Object.assign(request, samplerAndSchedule(values, ignored));
    if (name === 'sampler' || name === 'schedule') continue;
    const key = keyOf(name, request.sampler ?? DEFAULT_REQUEST.sampler);
    const found = said(name, key, values);
    if (found === undefined) continue;
    const value = valueFrom(name, found);
    if (value === undefined || fieldError(name, value)) ignored.push(`${key}: ${found}`);
    else Object.assign(request, { [name]: value });
  }
  return { request: { ...request, ...unsaid(request, values) }, ignored: ignored.map(shortened) };
}

/** What a text says of a field, as it says it. */
function said(name: FieldName, key: string, values: ReadonlyMap<string, string>): string | undefined {
  const { aliases = [], part } = textOf(name);
  const known = [key, ...aliases].find((other) => values.has(other));
  const value = known === undefined ? undefined : values.get(known);
  return part === undefined ? value : value?.split('x')[part];
}

/** The value that a text means; undefined where the field has none such. */
function valueFrom(name: FieldName, found: string): unknown {
  const field: Field = FIELDS[name];
  switch (field.kind) {
    case 'number':
      return found === '' ? undefined : Number(found);
    case 'flag':
      return found === 'True';
    case 'choice':
      return field.choices.find(({ text, label }) => (text ?? label).toLowerCase() === found.toLowerCase())?.value;
    case 'text':
      return found;
    default:
      return field satisfies never;
  }
}

/** What a text means by leaving keys out. */
function unsaid(request: Partial<GenerationRequest>, values: ReadonlyMap<string, string>): Partial<GenerationRequest> {
  const meant: Partial<GenerationRequest> = {};
  // A1111 leaves RNG out where the noise was drawn on the GPU; programs that always draw on the CPU do not write its
  // version.
  if (!values.has('RNG') && /^[vf]\d/.test(values.get('Version') ?? '')) meant.noiseSource = 'nv';
  // A1111 writes no blur where there was none, but then the mask's other words tell that there was a mask.
  const masked = fieldNames(({ appliesTo }) => appliesTo === 'mask' || appliesTo === 'only-masked');
  if (masked.some((name) => request[name] !== undefined)) meant.maskBlur = request.maskBlur ?? textOf('maskBlur').omits;
  return meant;
}

/** What cannot be taken is shown to people, who know a value by its beginning. */
const shortened = (entry: string) => (entry.length > MAX_SHOWN ? `${entry.slice(0, MAX_SHOWN)}…` : entry);
const MAX_SHOWN = 100;

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
