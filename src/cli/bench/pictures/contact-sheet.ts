import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ContactSheet {
  rows: readonly string[];
  columns: readonly string[];
  /** The picture of a cell, a file; undefined where there is none. */
  cell(row: number, column: number): string | undefined;
  /** Pixels of a cell's side. */
  side: number;
}

const GAP = 2;
const LABEL_WIDTH = 150;
const LABEL_HEIGHT = 124;
const FONT = ['-font', 'DejaVu-Sans', '-pointsize', '12', '-fill', '#222'];

/** A label to the left of a row. */
const rowLabel = (text: string, side: number) => [
  '(',
  '-size',
  `${LABEL_WIDTH}x${side}`,
  'xc:white',
  ...FONT,
  '-gravity',
  'West',
  '-annotate',
  '+4+0',
  text,
  ')',
];

/** A label above a column, turned so that it needs no more room than the column has. */
const columnLabel = (text: string, side: number) => [
  '(',
  '-size',
  `${LABEL_HEIGHT}x${side}`,
  'xc:white',
  ...FONT,
  '-gravity',
  'West',
  '-annotate',
  '+4+0',
  text,
  '-rotate',
  '-90',
  ')',
];

const picture = (path: string | undefined, side: number) =>
  path === undefined
    ? ['(', '-size', `${side}x${side}`, 'xc:#eee', ')']
    : ['(', path, '-strip', '-filter', 'Lanczos', '-resize', `${side}x${side}!`, ')'];

/** Joins pictures into one with labels, by ImageMagick (`convert`), a row at a time. @param out a .jpg or .png. */
export async function writeContactSheet(out: string, { rows, columns, cell, side }: ContactSheet): Promise<void> {
  const folder = `${out}.rows`;
  await mkdir(folder, { recursive: true });
  const strip = async (name: string, parts: readonly string[][]) => {
    const path = join(folder, name);
    const spaced = parts.flatMap((part) => [
      ...part.slice(0, -1),
      '-bordercolor',
      'white',
      '-border',
      `${GAP / 2}`,
      ')',
    ]);
    await run('convert', [...spaced, '+append', path]);
    return path;
  };
  const head = [rowLabel('', LABEL_HEIGHT), ...columns.map((text) => columnLabel(text, side))];
  const strips = [await strip('head.png', head)];
  for (const [row, text] of rows.entries()) {
    const cells = columns.map((_, column) => picture(cell(row, column), side));
    strips.push(await strip(`${row}.png`, [rowLabel(text, side), ...cells]));
  }
  await run('convert', [...strips, '-append', '-quality', '88', out]);
  await rm(folder, { recursive: true });
}
