import { SAMPLERS } from '../core/diffusion/samplers/index';
import { STEP_SCHEDULES } from '../core/diffusion/step-schedules/index';
import { WEIGHTS_FILE } from '../core/file-kinds';
import { type Field, fileChoice } from '../core/request/field';
import { FIELDS, type FieldName, fieldNames } from '../core/request/fields';

/** What `parseArgs` found. */
type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** "guidanceRescale" -> "guidance-rescale" */
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const optionOf = (name: FieldName): string => FIELDS[name].option || kebab(name);

/** The request's fields that have an option; the prompt stands by itself. */
const NAMES = fieldNames(({ option }) => option !== false);

/** The request's fields as options, for `parseArgs`: `cfgScale` is --cfg, `guidanceRescale` --guidance-rescale. */
export const REQUEST_OPTIONS: Readonly<Record<string, { type: 'string' | 'boolean' }>> = Object.fromEntries(
  NAMES.map((name) => [optionOf(name), { type: FIELDS[name].kind === 'flag' ? 'boolean' : 'string' }]),
);

/** The fields that the command line sets, unchecked. */
export function fieldsFrom(values: Values): object {
  const set = NAMES.filter((name) => values[optionOf(name)] !== undefined);
  return Object.fromEntries(set.map((name) => [name, valueFrom(FIELDS[name], values[optionOf(name)])]));
}

/** A choice may be named as the page shows it, "DPM++ 2M" for dpmpp_2m; a file of weights is named by its path. */
function valueFrom(field: Field, given: Values[string]): unknown {
  if (field.kind === 'number') return Number(given);
  if (field.kind !== 'choice') return given;
  const wanted = String(given).toLowerCase();
  return (
    field.choices.find(({ value, label }) => value === given || label.toLowerCase() === wanted)?.value ??
    (field.files && WEIGHTS_FILE.test(wanted) ? fileChoice(String(given)) : given)
  );
}

/** What the page shows in its lists, in lines: samplers with the options that they have, schedules, options. */
export function requestHelp(): string[] {
  return [
    'Samplers',
    ...Object.entries(SAMPLERS).map(([id, { label, description, options }]) => {
      const own = (Object.keys(options) as FieldName[]).map((name) => `--${optionOf(name)}`);
      return `  ${id}  ${label}: ${description}${own.length > 0 ? ` (${own.join(', ')})` : ''}`;
    }),
    'Schedules',
    ...Object.entries(STEP_SCHEDULES).map(([id, { label, description }]) => `  ${id}  ${label}: ${description}`),
    'Options',
    ...NAMES.map((name) => `  --${optionOf(name)}  ${helpOf(FIELDS[name])}`),
  ];
}

function helpOf(field: Field): string {
  switch (field.kind) {
    case 'number':
      return `${field.min} to ${field.max}: ${field.help}`;
    case 'choice':
      return field.group === 'sampler'
        ? `${field.label}, as listed above`
        : `${field.choices.map(({ value }) => value).join(' | ')}${field.files ? ' | FILE' : ''}: ${field.label}`;
    case 'flag':
      return field.help;
    case 'text':
      return field.label;
    default:
      return field satisfies never;
  }
}
