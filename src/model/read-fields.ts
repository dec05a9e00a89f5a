import * as v from 'valibot';
import { asMessage, EaselError, type Said, type SaidValue, said, saidIn } from '../core/errors';

/** What valibot calls the kinds of JSON, in a person's words. */
const KINDS: Readonly<Record<string, Said>> = {
  number: said`a number`,
  string: said`a text`,
  boolean: said`true or false`,
  Array: said`a list`,
  Object: said`an object`,
};

const inWords = (kind: string | null): SaidValue => KINDS[kind ?? ''] ?? String(kind).slice(0, 100);

/** Of a value that another Easel may know, where the schema has no words of its own. */
const NOT_YET = said`is not supported yet`;
const isChoice = ({ type }: v.BaseIssue<unknown>) => type === 'picklist' || type === 'literal';

/** A field that makes no sense. @param what is wrong with it: "must be a list" */
export function faultyField(file: SaidValue, field: SaidValue, what: Said): EaselError {
  return new EaselError('corrupt', said`${file}: ${field} ${what}.`);
}

/**
 * The fields of a JSON object in one of a model's files, as a schema reads them. A schema's own words (`asMessage`)
 * follow the name of the field: "must be a whole number".
 * @param file named in errors
 * @throws EaselError naming the file, the field and what it should be: `unsupported` for a value that is none of those
 * that a `picklist` or `literal` knows, `corrupt` for the rest; of several faults, the schema's first
 */
export function readFields<T>(schema: v.GenericSchema<unknown, T>, json: unknown, file: SaidValue): T {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new EaselError('corrupt', said`${file} is not a JSON object.`);
  const read = v.safeParse(schema, json, {
    abortEarly: true,
    abortPipeEarly: true,
    message: (issue) => asMessage(isChoice(issue) ? NOT_YET : said`must be ${inWords(issue.expected)}`),
  });
  if (read.success) return read.output;
  const [issue] = read.issues;
  const { input } = issue;
  const message = saidIn(issue.message);
  const field = v.getDotPath(issue) ?? said`a field`;
  const received = inWords(issue.received);
  if (input === undefined) throw faultyField(file, field, said`is missing`);
  if (isChoice(issue)) throw new EaselError('unsupported', said`${file}: ${field} = ${received} ${message}.`);
  throw faultyField(file, field, said`${message}, not ${received}`);
}
