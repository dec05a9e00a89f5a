/**
 * npm run goldens -- DIR [--table FILE.md]
 * Recomputes every case of the golden files (*.json) in DIR with the functions of src/core, in float64. A line for each
 * file and for each case that failed or was declined; a file that no checker reads yet is named and left. Ends with how
 * many passed, and exits with 1 when one failed.
 * With --table it writes which sampler meets whose numbers into a document instead.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EaselError, said } from '../core/errors';
import { argumentsOf } from './arguments';
import { checkFile } from './goldens/check';
import type { GoldenFile } from './goldens/golden';
import type { NoiseFile } from './goldens/noise';
import { samplerTable, withTable } from './goldens/table';

const NONE = { passed: 0, failed: 0, declined: 0, 'not-yet': 0 };
const MARKS = { failed: 'FAIL    ', declined: 'declined', 'not-yet': 'not yet ' };

async function main(): Promise<boolean> {
  const { values, positionals } = argumentsOf({ options: { table: { type: 'string' } }, allowPositionals: true });
  const [directory] = positionals;
  if (!directory) throw new EaselError('bad-request', said`usage: npm run goldens -- DIR [--table FILE.md]`);
  if (values.table !== undefined) {
    const table = await samplerTable((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')));
    writeFileSync(values.table, withTable(readFileSync(values.table, 'utf8'), table));
    return true;
  }
  const names = readdirSync(directory).filter((name) => name.endsWith('.json'));
  if (names.length === 0)
    throw new EaselError('bad-request', said`There are no golden files (*.json) in ${directory}.`);
  const total = { ...NONE };
  for (const name of names.sort()) {
    const file = JSON.parse(readFileSync(join(directory, name), 'utf8')) as GoldenFile | NoiseFile;
    const count = { ...NONE };
    let worst = 0;
    for await (const outcome of checkFile(name, file)) {
      count[outcome.kind]++;
      if (outcome.kind === 'passed') worst = Math.max(worst, outcome.error);
      else console.log(`  ${MARKS[outcome.kind]} ${outcome.id}: ${outcome.reason}`);
    }
    for (const kind of Object.keys(total) as (keyof typeof total)[]) total[kind] += count[kind];
    if (count['not-yet'] > 0) continue;
    console.log(`${name}: ${count.passed} passed (largest relative error ${worst.toExponential(1)}), ${count.failed} failed, ${count.declined} declined`); // biome-ignore format: one sentence
  }
  console.log(
    `\n${total.passed} passed, ${total.failed} failed, ${total.declined} declined, ${total['not-yet']} files not yet read`,
  );
  return total.failed === 0;
}

main().then(
  (ok) => process.exit(ok ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof EaselError ? `${error.code}: ${error.message}` : error);
    process.exit(2);
  },
);
