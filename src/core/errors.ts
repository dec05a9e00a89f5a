/**
 * The closed set of error codes that every layer throws and the page switches on.
 * A message says what went wrong and what to do about it; it names the field, file, key or tensor.
 */
export const ERROR_CODES = [
  'no-webgpu',
  'device-lost',
  'out-of-memory',
  'quota',
  'no-storage',
  'offline',
  'corrupt',
  'unsupported',
  'aborted',
  /** The engine itself is gone, with whatever it had open. */
  'engine-stopped',
  'bad-request',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What the page calls something, in English, and where its table of texts has that, from the section on. */
export interface Label {
  readonly label: string;
  readonly at: readonly string[];
}

/** What a setting is called. @param name in `FIELDS` */
export const settingLabel = (name: string, label: string): Label => ({ label, at: ['fields', name, 'label'] });

/** What a choice of a setting is called: a sampler, a schedule. @param name in `FIELDS` */
export const choiceLabel = (name: string, value: string, label: string): Label => ({
  label,
  at: ['fields', name, 'choices', value, 'label'],
});

/** What a sentence is said of; a sentence may stand in another. */
export type SaidValue = string | number | Said | Label;

/** A sentence as data: its words with `{0}`, `{1}`, ... where its values stand, by which other languages find it. */
export interface Said {
  readonly template: string;
  readonly values: readonly SaidValue[];
}

/** A sentence of an error, or a note: said`${path} is cut short.` */
export function said(words: TemplateStringsArray, ...values: SaidValue[]): Said {
  return { template: words.reduce((before, word, at) => `${before}{${at - 1}}${word}`), values };
}

/** Sentences, or parts of one, after one another. @param between what stands between them, without words */
export const listed = (parts: readonly SaidValue[], between: string): Said => ({
  template: parts.map((_, at) => `{${at}}`).join(between),
  values: parts,
});

/**
 * A sentence as the message of a schema, which has to be a string; `saidIn` has it again, so that the page can say it
 * in its own language.
 */
export const asMessage = (sentence: Said): string => JSON.stringify(sentence);

/** What a schema's message says; one that is not `asMessage`'s as it is. */
export function saidIn(message: string): Said {
  try {
    const read: unknown = JSON.parse(message);
    if (isSaid(read)) return read;
  } catch {
    // in the schema library's own words
  }
  return said`${message}`;
}

/** A language that sentences are read in; where it has nothing for one, the English stands. */
interface Language {
  /** A template in it, its values in whatever order. */
  sentence?(english: string): string | undefined;
  /** What it calls something, by its place in the table of texts. */
  label?(at: readonly string[]): string | undefined;
}

/** A sentence as it is read. */
export function spoken({ template, values }: Said, language: Language = {}): string {
  return (language.sentence?.(template) ?? template).replace(/\{(\d+)\}/g, (_, at) => {
    const value = values[Number(at)];
    if (typeof value !== 'object') return String(value);
    return 'label' in value ? (language.label?.(value.at) ?? value.label) : spoken(value, language);
  });
}

/** Whether something from elsewhere is a sentence. */
export function isSaid(value: unknown): value is Said {
  if (typeof value !== 'object' || value === null) return false;
  const { template, values } = value as Partial<Said>;
  return (
    typeof template === 'string' &&
    Array.isArray(values) &&
    values.every((one) => typeof one === 'string' || typeof one === 'number' || isSaid(one) || isLabel(one))
  );
}

function isLabel(value: unknown): value is Label {
  if (typeof value !== 'object' || value === null) return false;
  const { label, at } = value as Partial<Label>;
  return typeof label === 'string' && Array.isArray(at) && at.every((key) => typeof key === 'string');
}

export class EaselError extends Error {
  override readonly name = 'EaselError';
  /** What a report needs and a person does not, such as a tensor's name. */
  readonly details: string | undefined;

  /** @param said what went wrong, of which `message` is the English */
  constructor(
    readonly code: ErrorCode,
    readonly said: Said,
    { details, ...options }: ErrorOptions & { details?: string } = {},
  ) {
    super(spoken(said), options);
    this.details = details;
  }
}

/** Any thrown value as an EaselError; what is not one already becomes `internal`, its message kept. */
export function toEaselError(thrown: unknown): EaselError {
  if (thrown instanceof EaselError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new EaselError('internal', said`${message}`, { cause: thrown });
}
