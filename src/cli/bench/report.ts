import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';

export const MACHINE = `${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}`;

export const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Prints a suite's figures, tables as such, and keeps them in `out/`. */
export async function report(
  suite: string,
  figures: Readonly<Record<string, string | number | object>>,
): Promise<void> {
  for (const [name, value] of Object.entries(figures)) {
    if (typeof value === 'object') {
      console.log(`${name}:`);
      console.table(value);
    } else console.log(`${name.padEnd(26)} ${value}`);
  }
  await mkdir('out', { recursive: true });
  await writeFile(`out/bench-${suite}.json`, `${JSON.stringify(figures, null, 1)}\n`);
}
