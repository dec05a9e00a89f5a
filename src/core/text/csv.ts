import { EaselError, said } from '../errors';

/**
 * The rows of a CSV file (RFC 4180, as Python's `csv` reads it): fields may stand in quotes, which are doubled within
 * them, and then hold commas and line breaks. Spaces before a field are left out.
 * @throws EaselError `corrupt` where a quote is never closed, with its line
 */
export const parseCsv = (text: string): string[][] => [...csvRows(text)];

/** The same, a row at a time: for files that take long. */
export function* csvRows(text: string): Generator<string[]> {
  let row: string[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    const { value, end } = fieldAt(text, at);
    row.push(value);
    at = end;
    if (text[at] === ',') {
      at++;
      if (at < text.length && text[at] !== '\n' && text[at] !== '\r') continue;
      row.push('');
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    if (row.length > 1 || row[0] !== '') yield row;
    row = [];
  }
}

const BARE = /[^,\r\n]*/y;
const SPACES = /[ \t]*/y;

/** A field, and where its comma, its line's end or the file's follows. */
function fieldAt(text: string, from: number): { value: string; end: number } {
  SPACES.lastIndex = from;
  SPACES.test(text);
  const start = SPACES.lastIndex;
  if (text[start] !== '"') {
    BARE.lastIndex = start;
    const [value] = BARE.exec(text) ?? [''];
    return { value, end: start + value.length };
  }
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  if (end < 0) {
    const line = text.slice(0, start).split('\n').length;
    throw new EaselError(
      'corrupt',
      said`A quote in line ${line} is never closed. Close it, or save the file as CSV again.`,
    );
  }
  BARE.lastIndex = end + 1;
  const [rest] = BARE.exec(text) ?? [''];
  return { value: text.slice(start + 1, end).replaceAll('""', '"') + rest, end: end + 1 + rest.length };
}

/** Rows as a CSV file: as Python's `csv.writer` writes them, with its line ends. */
export const writeCsv = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.map(quotedField).join(',')}\r\n`).join('');

const quotedField = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
