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
const FONT = '-font DejaVu-Sans -pointsize 12 -fill #222';

const label = (text: string, width: number, height: number, ...turn: string[]) =>
  `( -size ${width}x${height} xc:white ${FONT} -gravity West -annotate +4+0`.split(' ').concat(text, ...turn, ')');

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
  const head = [
    label('', LABEL_WIDTH, LABEL_HEIGHT),
    ...columns.map((text) => label(text, LABEL_HEIGHT, side, '-rotate', '-90')),
  ];
  const strips = [await strip('head.png', head)];
  for (const [row, text] of rows.entries()) {
    const cells = columns.map((_, column) => picture(cell(row, column), side));
    strips.push(await strip(`${row}.png`, [label(text, LABEL_WIDTH, side), ...cells]));
  }
  await run('convert', [...strips, '-append', '-quality', '82', out]);
  await rm(folder, { recursive: true });
}
