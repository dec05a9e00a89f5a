import { type Field, type FieldChoice, fileChosen } from '../core/request/field';
import { type ChoiceName, type FieldName, fieldNames, FIELDS as OF_CORE } from '../core/request/fields';
import { section } from './section';
import { texts as settings } from './settings';

type ChoiceTexts = Pick<FieldChoice, 'label' | 'description' | 'group'>;

/** What the form says of a setting: its own entry of core's table says it first, in English. */
type FieldTexts = {
  label: string;
  help: string;
  /** By value; samplers, schedules, upscalers and the like bring their own. */
  choices: Readonly<Record<string, ChoiceTexts>>;
};

function textsOf(field: Field): FieldTexts {
  const choices = 'choices' in field ? field.choices : [];
  return {
    label: field.label,
    help: 'help' in field ? field.help : '',
    choices: Object.fromEntries(
      choices.map(({ value, label, description, group }) => [value, { label, description, group }]),
    ),
  };
}

const english = Object.fromEntries(fieldNames().map((name) => [name, textsOf(OF_CORE[name])]));

export const texts = section('fields', english as Readonly<Record<FieldName, FieldTexts>>);

function inLanguage(name: FieldName): Field {
  const field: Field = OF_CORE[name];
  const { label, help, choices } = texts[name];
  if ('choices' in field)
    return { ...field, label, choices: field.choices.map((choice) => ({ ...choice, ...choices[choice.value] })) };
  return 'help' in field ? { ...field, label, help } : { ...field, label };
}

/** Core's table of settings as the page shows it: what it says is in the page's language. */
export const FIELDS = Object.fromEntries(fieldNames().map((name) => [name, inLanguage(name)])) as typeof OF_CORE;

/** What a choice is called: a sampler, a schedule. */
export const labelOfChoice = (name: ChoiceName, value: string): string => texts[name].choices[value]?.label ?? value;

/** What a setting is set to, as the page shows it: a choice by its label, a file by its name. */
export function shownValue(name: FieldName, value: unknown): string {
  const { kind } = OF_CORE[name];
  switch (kind) {
    case 'number':
    case 'text':
      return String(value);
    case 'choice':
      return texts[name].choices[String(value)]?.label ?? fileChosen(value) ?? String(value);
    case 'flag':
      return value ? settings.on : settings.off;
    default:
      return kind satisfies never;
  }
}
