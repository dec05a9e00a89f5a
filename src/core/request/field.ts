import { type Said, type SaidValue, said } from '../errors';
/** What a setting may be: everything about one stands in its entry of `FIELDS`, of which all else is made. */

import type { SamplerEntry } from '../diffusion/samplers/index';
import type { ScheduleEntry } from '../diffusion/step-schedules/index';
import type { FileKind } from '../file-kinds';

/** Where the form asks for it: a group of the column, or of what is folded away at first. */
export type FieldGroup =
  | 'sampler'
  | 'size'
  | 'hires'
  | 'hires-details'
  | 'seed'
  | 'variation'
  | 'picture'
  | 'sd-upscale'
  | 'picture-details'
  | 'sampler-options'
  | 'prompt'
  | 'guidance'
  | 'noise'
  | 'schedule';

/** Without which a field means nothing: it is then not asked for, not sent and not written. */
type FieldNeed =
  /** A sampler that has it among its options, with a default of its own. */
  | 'sampler-option'
  /** Nothing but words to paint from. */
  | 'words'
  /** Words alone, and a second pass that makes the picture larger. */
  | 'hires'
  /** The same, where how large is said by a factor and not as a size. */
  | 'hires-scale'
  /** Some share of another seed's noise. */
  | 'variation'
  /** A picture to paint from. */
  | 'picture'
  /** The same, by a model that starts from it. */
  | 'start'
  /** The same, which is not painted larger in tiles; a mask keeps it whole. */
  | 'whole-picture'
  /** A picture without a mask that is painted larger in tiles. */
  | 'sd-upscale'
  /** A mask on that picture. */
  | 'mask'
  /** A mask, and `inpaintArea` set to what is around it. */
  | 'only-masked'
  /** A model that reads text. */
  | 'text'
  /** A model that is told a class. */
  | 'class'
  /** A model whose predictions can be kept within a range. */
  | 'thresholding'
  /** A LoRA for few steps that came with the model. */
  | 'fast-lora'
  /** A classifier that came with the model, and a class or a prompt that names something which that knows. */
  | 'classifier';

/** How a field stands in A1111's `parameters` text. */
export interface FieldText {
  /** A1111's key where it is not the label. */
  key?: string;
  /** What a sampler's text calls it instead. */
  keyOfSampler?: Readonly<Partial<Record<string, string>>>;
  /** Keys of other versions, which are read too. */
  aliases?: readonly string[];
  /** Keys are sorted by it, equal ones as in the table; those without come last. */
  order?: number;
  /** It is written even where it is the default. */
  always?: true;
  /** What is left out in the default's place, so that a text without the key means this. */
  omits?: number;
  /** What the value is called may follow it in quotes: `207 "golden retriever"`. */
  named?: true;
  /**
   * Which part of the key's value it is: `Size: 512x768` has two. All parts are written where any has to be, and none
   * is read without the others.
   */
  part?: number;
}

interface About {
  /** A1111's, so that people find what they know. */
  label: string;
  /** Asked for with others; without it the form has a place for this one alone. */
  group?: FieldGroup;
  appliesTo?: FieldNeed;
  /** Whether the form asks for it, by what else is chosen; what it was set to before stays. */
  shownWhen?: (chosen: { sampler: SamplerEntry; levels: ScheduleEntry; guided: boolean }) => boolean;
  text?: FieldText | false;
  /** The command line's option where it is not the name with hyphens; none where false. */
  option?: string | false;
}

/** A choice beyond a field's own list: a file of the person's library, by its name there. */
export type FileChoice = `file:${string}`;

const FILE = 'file:';
export const fileChoice = (name: string): FileChoice => `${FILE}${name}`;

/** The name of the file that is chosen; undefined for one of a list's own choices. */
export function fileChosen(value: unknown): string | undefined {
  if (typeof value !== 'string' || !value.startsWith(FILE)) return undefined;
  const name = value.slice(FILE.length);
  return name !== '' && name === name.trim() ? name : undefined;
}

/** What types are derived from. */
export interface Marks {
  /** Every request has it; others are left out until they are set. */
  required?: true;
  /**
   * Whose it is. A model's defaults may set it, and another model brings its own; it means something else to each
   * sampler, as all sampler options do; or it is the person's, and stays whatever model or sampler is chosen.
   */
  belongsTo?: 'model' | 'sampler' | 'person';
  /** Of a choice: files of this kind may be chosen, too. */
  files?: FileKind;
}

export interface NumberField extends About, Marks {
  kind: 'number';
  min: number;
  max: number;
  /** What an arrow key adds. */
  step: number;
  default: number;
  /** Only whole numbers. */
  integer?: true;
  /** Only multiples of `step`. */
  multiple?: true;
  /** The slider's upper end where `max` would make it too coarse. */
  sliderMax?: number;
  /** One line: what it does. */
  help: string;
}

export interface FieldChoice<T extends string = string> {
  value: T;
  label: string;
  /** One line under the label. */
  description: string;
  group?: string;
  /** What the `parameters` text says where it is not the label. */
  text?: string;
  /** What else a text may call it, which is read and never written. */
  textAliases?: readonly string[];
}

/** A field with a few named values. */
export interface ChoiceField<T extends string = string> extends About, Marks {
  kind: 'choice';
  choices: readonly FieldChoice<T>[];
  default: T;
}

/** A field that is on or off. */
export interface FlagField extends About, Marks {
  kind: 'flag';
  /** Where there is none, it is the sampler's or the model's, and being set either way says something. */
  default?: boolean;
  /** One line: what it does. */
  help: string;
}

export interface TextField extends About, Marks {
  kind: 'text';
  default: string;
  /** In UTF-16 units, as text fields of the page count them. */
  maxLength: number;
}

export type Field = NumberField | ChoiceField | FlagField | TextField;

/** What a field holds. */
export type ValueOf<F> = F extends { kind: 'number' }
  ? number
  : F extends { kind: 'flag' }
    ? boolean
    : F extends ChoiceField<infer T>
      ? T | (F extends { files: FileKind } ? FileChoice : never)
      : string;

/** A field with its marks as written, for types to be derived from. */
type Marked<F, M> = F & Pick<M, Extract<keyof M, keyof Marks>>;

export function number<const M extends Marks>(field: Omit<NumberField, 'kind'> & M): Marked<NumberField, M> {
  return { kind: 'number', ...field };
}

/** Its default is the first choice where none is named. */
export function choice<const T extends string, const M extends Marks>(
  field: Omit<ChoiceField<T>, 'kind' | 'default'> & { default?: NoInfer<T> } & M,
): Marked<ChoiceField<T>, M> {
  return { kind: 'choice', default: field.choices[0].value, ...field };
}

export function flag<const M extends Marks>(field: Omit<FlagField, 'kind'> & M): Marked<FlagField, M> {
  return { kind: 'flag', ...field };
}

export function text<const M extends Marks>(field: Omit<TextField, 'kind'> & M): Marked<TextField, M> {
  return { kind: 'text', ...field };
}

/** A registry's entries as choices, in its order. */
export function choicesFrom<T extends string>(
  registry: Readonly<Record<T, Omit<FieldChoice, 'value'>>>,
): FieldChoice<T>[] {
  return (Object.keys(registry) as T[]).map((value) => {
    const { label, description, group, textAliases } = registry[value];
    return { value, label, description, group, textAliases };
  });
}

/** Why `value` cannot stand in a field that is called so, as a sentence with the limit; undefined when it can. */
export function errorIn(field: Field, label: SaidValue, value: unknown): Said | undefined {
  switch (field.kind) {
    case 'number':
      return numberError(field, label, value);
    case 'choice': {
      const known = field.choices.map((item) => item.value);
      const isFile = field.files !== undefined && fileChosen(value) !== undefined;
      return isFile || known.includes(value as string)
        ? undefined
        : said`${label} must be one of ${known.join(', ')}, not ${JSON.stringify(value)}.`;
    }
    case 'flag':
      return typeof value === 'boolean' ? undefined : said`${label} must be true or false.`;
    case 'text':
      return typeof value === 'string' ? undefined : said`${label} must be text.`;
    default:
      return field satisfies never;
  }
}

function numberError(
  { min, max, step, integer, multiple }: NumberField,
  label: SaidValue,
  value: unknown,
): Said | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return said`${label} must be a number.`;
  if (integer && !Number.isInteger(value)) return said`${label} must be a whole number.`;
  if (value < min) return said`${label} must be at least ${min}.`;
  if (value > max) return said`${label} must be at most ${max}.`;
  if (multiple && value % step !== 0) {
    const lower = Math.max(min, Math.floor(value / step) * step);
    return said`${label} must be a multiple of ${step}, such as ${lower} or ${lower + step}.`;
  }
  return undefined;
}
