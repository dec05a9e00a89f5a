import { version } from '../../../package.json';
import type { StepScheduleId } from '../diffusion/step-schedules/index';
import { applies, fieldDefault, type PaintedFrom } from './applicable';
import { type Field, fileChosen } from './field';
import { FIELDS, type FieldName, SAME } from './fields';
import { type FileHashes, hashesText, modelHashText, vaeHashText } from './file-hashes';
import type { GenerationRequest } from './request';
import { type ReadSettings, readSaidSettings, type SaidSettings } from './said-settings';
import { keyOf, partsOf, TEXT_FIELDS, textOf } from './text-fields';
import type { Walk } from './walk';

/** Written as `Version`; A1111 shows it and nothing parses it. */
const EASEL_VERSION = `Easel ${version}`;

/** What the text says beyond the request. */
export interface GenerationFacts {
  model: string;
  /** The name of the file whose autoencoder took the place of the model's own. */
  vae?: string;
  /** The schedule that "Automatic" was resolved to: A1111 writes what ran. */
  schedule: Exclude<StepScheduleId, 'automatic'>;
  /** The same of the hires fix's second pass, where there was one. */
  hiresSchedule?: Exclude<StepScheduleId, 'automatic'>;
  /** Where the picture stands between two seeds or prompts; other programs have no word for it. */
  walk?: Walk;
  /** Of a picture painted in tiles that was cancelled on the way: how many of them are painted. */
  tiles?: { done: number; of: number };
  /** What it was painted from, if not from noise alone. */
  given?: 'picture' | 'picture-and-mask';
  /** What is said of a field in its value's place: a class by its label and its name. */
  said?: Readonly<Partial<Record<FieldName, string>>>;
  /** Of the files that made it, as far as they are known. */
  hashes?: FileHashes;
}

/** A1111 writes the hashes and names of the model and of a VAE's file after the size (`create_infotext`). */
const MODEL_AFTER: FieldName = 'height';

/** A1111 quotes as JSON what its comma-separated line could not otherwise hold; it would lose a text's own quotes. */
export const quoted = (value: string) => (/[,:\n]|^"/.test(value) ? JSON.stringify(value) : value);

/** What the text says of a field; undefined where it means nothing, or need not be said. */
function written(name: FieldName, request: GenerationRequest, from: PaintedFrom): string | undefined {
  if (!applies(name, request, { from })) return undefined;
  const field: Field = FIELDS[name];
  if (!partsOf(name).some((part) => isSaid(part, request))) return undefined;
  const value = request[name] ?? field.default;
  if (value === undefined) return undefined;
  if (typeof value === 'boolean') return value ? 'True' : 'False'; // as Python writes them
  const chosen = field.kind === 'choice' ? field.choices.find((known) => known.value === value) : undefined;
  return chosen?.text ?? chosen?.label ?? fileChosen(value) ?? String(value);
}

function isSaid(name: FieldName, request: GenerationRequest): boolean {
  const { always, omits } = textOf(name);
  const field: Field = FIELDS[name];
  if (always) return (request[name] ?? field.default) !== undefined;
  const value = request[name] ?? (omits === undefined ? undefined : field.default);
  return value !== undefined && value !== (omits ?? fieldDefault(name, request));
}

/** A1111 leaves out of a second pass what is as in the first. */
function plainHires(request: GenerationRequest, { schedule, hiresSchedule }: GenerationFacts): GenerationRequest {
  const { prompt, negativePrompt, sampler, hiresPrompt, hiresNegativePrompt, hiresSampler } = request;
  const isSame = hiresSchedule === undefined || hiresSchedule === schedule;
  return {
    ...request,
    hiresSampler: hiresSampler === sampler ? SAME : hiresSampler,
    hiresSchedule: isSame ? SAME : hiresSchedule,
    hiresPrompt: hiresPrompt === prompt ? '' : hiresPrompt,
    hiresNegativePrompt: hiresNegativePrompt === negativePrompt ? '' : hiresNegativePrompt,
  };
}

/**
 * The settings as A1111's `parameters` text: prompt, negative prompt, then one line of `Key: value` in A1111's order,
 * so that the PNG reads the same in A1111, Forge, Civitai and here.
 */
export function writeParameters(request: GenerationRequest, facts: GenerationFacts): string {
  const ran = { ...plainHires(request, facts), schedule: facts.schedule };
  const from = facts.given === undefined ? 'words' : facts.given === 'picture' ? 'picture' : 'mask';
  const { walk, hashes, vae } = facts;
  const entries = new Map<string, string>();
  const add = (key: string, value: string | undefined) => value !== undefined && entries.set(key, value);
  for (const name of TEXT_FIELDS) {
    const value = facts.said?.[name] ?? written(name, ran, from);
    const key = keyOf(name, request.sampler);
    if (value !== undefined) add(key, textOf(name).part ? `${entries.get(key)}x${value}` : value);
    if (name !== MODEL_AFTER) continue;
    add('Model hash', hashes && modelHashText(hashes));
    add('Model', facts.model);
    add('VAE hash', hashes && vae && vaeHashText(hashes, vae));
    add('VAE', vae);
  }
  add('Lora hashes', hashesText(hashes?.loras));
  add('TI hashes', hashesText(hashes?.embeddings));
  add('Walk seed', walk?.seed?.toString());
  add('Walk variation seed', walk?.variationSeed?.toString());
  add('Walk variation seed strength', walk?.variationStrength?.toString());
  add('Walk prompt', walk?.prompt);
  add('Walk negative prompt', walk?.negativePrompt);
  add('Walk share', walk && String(Number(walk.share.toFixed(4))));
  add('SD upscale tiles', facts.tiles && `${facts.tiles.done} of ${facts.tiles.of}`);
  add('Version', EASEL_VERSION);
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
export function splitParameters(text: string): SaidSettings {
  const { lines, templates } = withoutTemplateLines(text.trim().split('\n'));
  const values = new Map<string, string>();
  const last = entriesOf(lines[lines.length - 1]);
  if (last.length >= 3) {
    lines.pop();
    for (const [key, value] of last) values.set(key, unquoted(value));
    for (const [key, value] of templates) values.set(key, value);
  }
  const at = lines.findIndex((line) => line.startsWith('Negative prompt:'));
  const positive = at < 0 ? lines : lines.slice(0, at);
  const negative = at < 0 ? [] : lines.slice(at);
  if (negative.length > 0) negative[0] = negative[0].slice('Negative prompt:'.length);
  return { prompt: positive.join('\n').trim(), negativePrompt: negative.join('\n').trim(), values };
}

const TEMPLATE_LINE = /^(Template|Negative Template):/;

/** sd-dynamic-prompts wrote templates below the settings until December 2023; now they are among them. */
function withoutTemplateLines(all: readonly string[]): { lines: string[]; templates: [key: string, value: string][] } {
  const trimmed = all.map((line) => line.trim());
  const at = trimmed.findIndex((line, i) => i > 0 && TEMPLATE_LINE.test(line) && entriesOf(trimmed[i - 1]).length >= 3);
  if (at < 0) return { lines: trimmed, templates: [] };
  const templates: [key: string, value: string][] = [];
  for (const line of trimmed.slice(at)) {
    const [mark, key] = TEMPLATE_LINE.exec(line) ?? [];
    if (mark !== undefined && key !== templates[0]?.[0]) templates.push([key, line.slice(mark.length).trim()]);
    else templates[templates.length - 1][1] += `\n${line}`;
  }
  return { lines: trimmed.slice(0, at), templates };
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

/**
 * The settings that a `parameters` text of A1111, Forge or Easel holds.
 * @throws EaselError `bad-request` for a prompt that is too long.
 */
export const readParameters = (text: string): ReadSettings => readSaidSettings(splitParameters(text));
