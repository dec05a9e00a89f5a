import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const FILES = ['src', 'e2e', 'models/train']
  .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true }).map((name) => `${folder}/${name}`))
  .filter((path) => /\.tsx?$|\.py$|goldens\/.*\.json$/.test(path));
const CODE = FILES.filter((path) => /\.tsx?$|\.py$/.test(path) && !/test/.test(path)).map(read);
const SCRIPTS: object = JSON.parse(read('package.json')).scripts;

/**
 * Whether a name in the table stands for something that is there: a command, a file or folder, a golden file, something
 * exported.
 */
function exists(name: string): boolean {
  const [, script] = /^npm run (\w+)/.exec(name) ?? [];
  if (script) return Object.hasOwn(SCRIPTS, script);
  if (/\.(ts|py)$/.test(name)) return FILES.some((path) => path === name || path.endsWith(`/${name}`));
  if (name.includes('/')) return FILES.some((path) => path.startsWith(`src/${name}/`));
  if (/^[a-e]_/.test(name)) return FILES.some((path) => path.endsWith(`/goldens/${name}.json`));
  const made = new RegExp(`(export (async )?(function|const|class)|def) ${name}\\b`);
  return CODE.some((text) => made.test(text));
}

const THEORY = read('FEATURES.md').split('## Theory')[1].split('\n## ')[0];
const ROWS = THEORY.split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (concept|---)/.test(line))
  .map((line) => line.slice(2, -2).split(' | ') as [concept: string, functions: string, shown: string]);
const named = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);

describe('FEATURES.md names, of the theory,', () => {
  it('every row', () => expect(ROWS.length).toBeGreaterThanOrEqual(25));

  it.each(ROWS)('%s: functions and tests that are there', (_, functions, shown) => {
    const uncond = ['uncond', 'txt2img.*']; // an argument, and cases of a command
    const names = [named(functions), named(shown)].map((cell) => cell.filter((name) => !uncond.includes(name)));
    for (const cell of names) expect(cell.filter((name) => !exists(name))).toEqual([]);
    expect(names[0].length).toBeGreaterThan(0);
    expect(shown).toMatch(/`|below/);
  });
});
