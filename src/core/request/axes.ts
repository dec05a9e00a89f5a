import { EaselError, type Label, said } from '../errors';
import { parseCsv } from '../text/csv';
import { extraNetworks, withLora } from '../text/extra-networks';
import { type Style, withStyles } from '../text/styles';
import type { Field } from './field';
import { FIELDS, type FieldName, fieldError, fieldLabel, fieldNames, RANDOM_SEED } from './fields';
import { checkpointNamed, type PlotNames, stylesNamed, vaeNamed } from './plot-names';
import { type GenerationRequest, requestConflict } from './request';

/** What a plot may vary beside the settings: as A1111's scripts do, and the weight of a LoRA. */
const OTHER_AXES = {
  checkpoint: 'Checkpoint name',
  vae: 'VAE',
  promptSr: 'Prompt S/R',
  promptOrder: 'Prompt order',
  styles: 'Styles',
  loraWeight: 'LoRA weight',
  promptMatrix: 'Prompt matrix',
  prompts: 'Prompts from file or textbox',
} as const;

type OtherAxis = keyof typeof OTHER_AXES;
export type AxisId = FieldName | OtherAxis;

/** A1111's names of axes where they are not the labels. */
const A1111_NAMES: Partial<Record<FieldName, string>> = {
  cfgScale: 'CFG Scale',
  variationSeed: 'Var. seed',
  variationStrength: 'Var. strength',
  denoisingStrength: 'Denoising',
  sChurn: 'Sigma Churn',
  noiseSource: 'RNG source',
};

/** Settings that can be varied: those that are no text, batches aside, whose pictures a plot's cells are. */
export const AXIS_IDS: readonly AxisId[] = [
  ...fieldNames(({ kind }) => kind !== 'text').filter((name) => name !== 'batchCount' && name !== 'hires'),
  ...(Object.keys(OTHER_AXES) as OtherAxis[]),
];

/** Names of axes that no setting's label is. */
export const AXIS_NAMES: Readonly<Partial<Record<AxisId, string>>> = { ...A1111_NAMES, ...OTHER_AXES };

const isOther = (id: AxisId): id is OtherAxis => Object.hasOwn(OTHER_AXES, id);

/** What an axis is called, in A1111's text of a plot. */
export const axisName = (id: AxisId): string => AXIS_NAMES[id] ?? FIELDS[id as FieldName].label;

/** The same in a sentence. */
function axisLabel(id: AxisId): Label {
  const label = AXIS_NAMES[id];
  return label === undefined ? fieldLabel(id as FieldName) : { label, at: ['axes', id] };
}

/** An axis as it is asked for. */
export interface Axis {
  id: AxisId;
  /** A1111's way of writing values: `5, 10`, `1-5`, `1-9 (+2)`, `1-10 [4]`; of prompts, one a line. */
  text: string;
}

/** What a plot is of: up to three axes, x first. */
export interface Plot {
  axes: readonly {
    name: string;
    text: string;
    values: readonly string[];
    /** Of an axis of seeds: those that are painted, the random ones drawn. */
    fixed?: readonly number[];
  }[];
}

/** What a cell is painted with. */
export interface PlotCell {
  request: GenerationRequest;
  /** The name of its model; the job's own where left out. */
  checkpoint?: string;
  /** The name of its autoencoder, null the model's own; the one that was chosen for the model where left out. */
  vae?: string | null;
}

/** One value of an axis, and what it makes of a request. */
interface AxisValue {
  shown: string;
  seed?: number;
  change?(request: GenerationRequest): GenerationRequest;
  cell?: Omit<PlotCell, 'request'>;
  /** In which its prompts come, whatever other axes make of them. */
  styles?: readonly Style[];
}

/** More than anyone looks through. */
const MAX_CELLS = 1000;
/** A range has no more values: enough to say how many they are. */
const MAX_VALUES = 100_000;

/**
 * The cells of a plot, the first axis first.
 * @param names what there is of models, autoencoders and styles
 * @param draw a seed in the place of each -1 on an axis of seeds; left out where nothing is painted
 * @throws EaselError `bad-request` for values that cannot stand, by their axis, and for too many cells
 */
export function plotCells(
  request: GenerationRequest,
  axes: readonly Axis[],
  names: PlotNames = {},
  draw: () => number = () => RANDOM_SEED,
): { plot: Plot; cells: PlotCell[] } {
  const read = axes.map((axis) => ({ axis, values: valuesOf(axis, request, names, draw) }));
  const count = read.reduce((product, { values }) => product * values.length, 1);
  if (count > MAX_CELLS) throw tooMany(count);
  const first: Unstyled = { request: { ...request, batchCount: 1 }, styles: [] };
  const unstyled = read.reduce((some, { values }) => values.flatMap((value) => some.map((cell) => changed(cell, value))), [first]); // biome-ignore format: one line
  const cells = unstyled.map(({ styles, ...cell }) => ({ ...cell, request: withStyles(cell.request, styles) }));
  for (const cell of cells) {
    const conflict = requestConflict(cell.request);
    if (conflict) throw new EaselError('bad-request', conflict);
  }
  const named = read.map(({ axis: { id, text }, values }) => {
    const fixed = values.flatMap(({ seed }) => seed ?? []);
    return { name: axisName(id), text, values: values.map(({ shown }) => shown), ...(fixed.length > 0 && { fixed }) };
  });
  return { plot: { axes: named }, cells };
}

function tooMany(count: number): EaselError {
  return new EaselError(
    'bad-request',
    said`That makes ${count.toLocaleString('en')} pictures. Leave some values out: a plot has ${MAX_CELLS.toLocaleString('en')} at most.`,
  );
}

/** A cell whose prompts are still to come into styles. */
type Unstyled = PlotCell & { styles: readonly Style[] };

const changed = (before: Unstyled, { change, cell, styles = [] }: AxisValue): Unstyled => ({
  ...before,
  ...cell,
  request: change?.(before.request) ?? before.request,
  styles: [...before.styles, ...styles],
});

function valuesOf({ id, text }: Axis, request: GenerationRequest, names: PlotNames, draw: () => number): AxisValue[] {
  const values = isOther(id)
    ? otherValues(id, text, request, names)
    : id === 'seed' || id === 'variationSeed'
      ? seedValues(id, text, draw)
      : fieldValues(id, text);
  if (values.length === 0) throw new EaselError('bad-request', said`${axisLabel(id)} has no values yet.`);
  return values;
}

/** A1111 reads values as a line of CSV, and leaves spaces around them out. */
const listed = (text: string): string[] =>
  parseCsv(text)
    .flat()
    .map((value) => value.trim())
    .filter((value) => value !== '');

function fieldValues(name: FieldName, text: string): AxisValue[] {
  const field: Field = FIELDS[name];
  const values = listed(text).flatMap((value) => (field.kind === 'number' ? numbersIn(value, field.integer) : [choiceNamed(field, value)])); // biome-ignore format: one line
  return values.map((value) => {
    const reason = fieldError(name, value);
    if (reason) throw new EaselError('bad-request', reason);
    const shown = 'choices' in field ? field.choices.find((choice) => choice.value === value)?.label : undefined;
    return { shown: `${field.kind === 'choice' ? '' : `${axisName(name)}: `}${shown ?? value}`, change: (request) => ({ ...request, [name]: value }) }; // biome-ignore format: one thought
  });
}

/** Seeds; as in A1111, a random one is drawn once for all cells of its value. */
function seedValues(name: 'seed' | 'variationSeed', text: string, draw: () => number): AxisValue[] {
  const drawn = listed(text).flatMap((value) => numbersIn(value, true)).map((value) => (value === RANDOM_SEED ? draw() : value)); // biome-ignore format: one line
  const values = fieldValues(name, drawn.join(','));
  return values.map((value, at) => ({ ...value, seed: drawn[at] }));
}

/** A choice by its label or its value, a flag as Python writes it; as it is where it is neither, to be refused. */
function choiceNamed(field: Field, text: string): unknown {
  const said = text.toLowerCase();
  if (field.kind === 'flag') return said === 'true' ? true : said === 'false' ? false : text;
  if (!('choices' in field)) return text;
  return field.choices.find(({ label, value }) => label.toLowerCase() === said || value === text)?.value ?? text;
}

const NUMBER = '([+-]?\\d*\\.?\\d+)';
const RANGE = new RegExp(`^${NUMBER}\\s*-\\s*${NUMBER}(?:\\s*\\(([+-]\\d*\\.?\\d+)\\s*\\)|\\s*\\[\\s*(\\d+)\\s*\\])?$`);

/** `1-5`, `1-9 (+2)` by steps, `1-10 [4]` by so many evenly spaced, or a number alone. */
function numbersIn(text: string, integer = false): number[] {
  const range = RANGE.exec(text);
  if (!range) return [Number(text)];
  const [from, to] = [Number(range[1]), Number(range[2])];
  const whole = (value: number) => (integer ? Math.trunc(value) : Number(value.toFixed(8)));
  if (range[4] !== undefined) {
    const count = Math.min(Number(range[4]), MAX_VALUES);
    return Array.from({ length: count }, (_, i) => whole(count === 1 ? from : from + (i * (to - from)) / (count - 1)));
  }
  const step = Number(range[3] ?? 1);
  const count = step === 0 ? 0 : Math.min(Math.floor((to - from) / step + 1e-9) + 1, MAX_VALUES);
  return Array.from({ length: Math.max(0, count) }, (_, i) => whole(from + i * step));
}

function otherValues(id: OtherAxis, text: string, request: GenerationRequest, names: PlotNames): AxisValue[] {
  const { checkpoints = [], vaes = [], styles = [], chosen = [] } = names;
  switch (id) {
    case 'checkpoint':
      return listed(text)
        .map((value) => checkpointNamed(value, checkpoints))
        .map((checkpoint) => ({ shown: checkpoint, cell: { checkpoint } }));
    case 'vae':
      return listed(text).map((value) => ({ shown: `VAE: ${value}`, cell: { vae: vaeNamed(value, vaes) } }));
    case 'styles':
      return listed(text).map((value) => ({ shown: `Styles: ${value}`, styles: stylesNamed(value, styles) }));
    case 'promptSr':
      return searchAndReplace(listed(text), request);
    case 'promptOrder':
      return orders(listed(text), request);
    case 'loraWeight':
      return loraWeights(text, request);
    case 'promptMatrix':
      return promptMatrix(request.prompt);
    case 'prompts':
      return text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .map((line) => promptLine(line, chosen));
    default:
      return id satisfies never;
  }
}

/** A1111 reads lines of options, too. */
function promptLine(line: string, styles: readonly Style[]): AxisValue {
  if (/^--\w/.test(line))
    throw new EaselError(
      'bad-request',
      said`“${line}” is a line of options, which are not read: write the prompt alone.`,
    );
  const { prompt } = withStyles({ prompt: line, negativePrompt: '' }, styles);
  return { shown: line, change: (to) => ({ ...to, prompt }) };
}

/** The first value is what is looked for; each is put in its place, in both prompts. */
function searchAndReplace(
  [sought, ...others]: readonly string[],
  { prompt, negativePrompt }: GenerationRequest,
): AxisValue[] {
  if (sought === undefined) return [];
  if (!prompt.includes(sought) && !negativePrompt.includes(sought))
    throw new EaselError(
      'bad-request',
      said`Prompt S/R did not find “${sought}” in the prompt or the negative prompt.`,
    );
  return [sought, ...others].map((by) => ({
    shown: by,
    change: (request) => ({
      ...request,
      prompt: request.prompt.replaceAll(sought, () => by),
      negativePrompt: request.negativePrompt.replaceAll(sought, () => by),
    }),
  }));
}

/** The parts of the prompt in every order: where one of them stands, another comes, and what is between stays. */
function orders(parts: readonly string[], { prompt }: GenerationRequest): AxisValue[] {
  if (parts.length === 0) return [];
  ordered(prompt, parts);
  let count = 1;
  for (let of = 2; of <= parts.length; of++) count *= of;
  if (count > MAX_CELLS) throw tooMany(count);
  return permutations(parts).map((order) => ({
    shown: order.join(', '),
    change: (request) => ({ ...request, prompt: ordered(request.prompt, order) }),
  }));
}

/**
 * A prompt with some of its parts in an order, as A1111's `apply_order`: they are looked for one behind another, in the
 * order in which each first stands.
 * @throws EaselError `bad-request` for a part that is not there
 */
function ordered(prompt: string, order: readonly string[]): string {
  const found = [...order].sort((a, b) => prompt.indexOf(a) - prompt.indexOf(b));
  let whole = '';
  let from = 0;
  for (const [at, part] of found.entries()) {
    const start = prompt.indexOf(part, from);
    if (start < 0) throw new EaselError('bad-request', said`Prompt order did not find “${part}” in the prompt.`);
    whole += prompt.slice(from, start) + order[at];
    from = start + part.length;
  }
  return whole + prompt.slice(from);
}

/** In the order of Python's `itertools.permutations`. */
const permutations = <T>(items: readonly T[]): T[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((others) => [item, ...others]));

/** Of the LoRA that the prompt names first. */
function loraWeights(text: string, { prompt }: GenerationRequest): AxisValue[] {
  const [lora] = extraNetworks(prompt).loras;
  if (!lora) throw new EaselError('bad-request', said`LoRA weight needs a LoRA in the prompt: add one under it.`);
  return listed(text)
    .flatMap((value) => numbersIn(value))
    .map((weight) => {
      if (!Number.isFinite(weight)) throw new EaselError('bad-request', said`LoRA weight must be numbers.`);
      return { shown: `${lora.name}: ${weight}`, change: (to) => ({ ...to, prompt: withLora(to.prompt, lora.name, weight) }) }; // biome-ignore format: one line
    });
}

/** A1111's prompt matrix: what stands before the first bar stays, each part behind one comes and goes. */
function promptMatrix(prompt: string): AxisValue[] {
  const [first, ...parts] = prompt.split('|').map((part) => part.trim());
  if (parts.length === 0)
    throw new EaselError('bad-request', said`Prompt matrix needs parts in the prompt: a fox | in the snow | at night.`);
  return Array.from({ length: 2 ** Math.min(parts.length, 11) }, (_, bits) => {
    const said = parts.filter((_, i) => bits & (1 << i));
    const whole = [first, ...said].join(', ');
    return { shown: said.join(', '), change: (request) => ({ ...request, prompt: whole }) };
  });
}

/** A1111's title of the script. */
const PLOT = 'X/Y/Z plot';
const LETTERS = ['X', 'Y', 'Z'] as const;

/** A1111's words of a plot, which stand in the text of its picture. */
export function plotText({ axes }: Plot): [key: string, value: string][] {
  return [
    ['Script', PLOT],
    ...axes.flatMap(({ name, text, fixed }, i): [string, string][] => [
      [`${LETTERS[i]} Type`, name],
      [`${LETTERS[i]} Values`, text],
      ...(fixed ? [[`Fixed ${LETTERS[i]} Values`, fixed.join(', ')] as [string, string]] : []),
    ]),
  ];
}

/**
 * The axes of a plot that a text says in A1111's words. What it says of an axis that Easel has goes out of `left`.
 * @returns undefined where it says none
 */
export function plotAxes(values: ReadonlyMap<string, string>, left: Map<string, string>): readonly Axis[] | undefined {
  if (values.get('Script') !== PLOT) return undefined;
  const axes = LETTERS.flatMap((letter) => {
    const [type, said] = [`${letter} Type`, `${letter} Values`];
    const name = values.get(type)?.toLowerCase();
    const id = AXIS_IDS.find((known) => axisName(known).toLowerCase() === name);
    if (id === undefined) return [];
    for (const key of [type, said, `Fixed ${said}`]) left.delete(key);
    return [{ id, text: values.get(said) ?? '' }];
  });
  if (axes.length === 0) return undefined;
  left.delete('Script');
  return axes;
}
