import { outcomeOf } from '../fuzz/outcome';
import { MACHINE, report } from './report';
import { TEXT_FUNCTIONS } from './text/functions';
import { SHAPES } from './text/shapes';

/** What a function may take for a text of so many characters. */
const LIMITS_MS = { 100000: 50, 1000000: 500 } as const;

/**
 * Every function that reads text, on texts of awkward shapes: the slowest of them in ms of this process, and how many
 * are above the limits. Refusing counts as reading.
 */
export async function text(names: readonly string[]): Promise<void> {
  const functions = Object.entries(TEXT_FUNCTIONS).filter(([name]) => names.length === 0 || names.includes(name));
  const table: Record<string, Record<string, number | string>> = {};
  const above: string[] = [];
  for (const [name, read] of functions) {
    table[name] = {};
    for (const [length, limit] of Object.entries(LIMITS_MS)) {
      let slowest = { shape: '', ms: 0 };
      for (const [shape, textOf] of Object.entries(SHAPES)) {
        const ms = await shortestOf(3, read, textOf(Number(length)));
        if (ms > slowest.ms) slowest = { shape, ms };
        if (ms > limit) above.push(`${name}, ${shape}, ${length} characters: ${Math.round(ms)} ms`);
      }
      table[name][`ms at ${length}`] = Math.round(slowest.ms * 10) / 10;
      table[name][`slowest at ${length}`] = slowest.shape;
    }
  }
  const checked = functions.length * Object.keys(SHAPES).length * Object.keys(LIMITS_MS).length;
  await report('text', { machine: MACHINE, functions: table });
  for (const line of above) console.log(line);
  console.log(`above the limits ${above.length} of ${checked}`);
}

/** Time of this process, the shortest of a few: others may keep the machine busy, and the first run compiles. */
async function shortestOf(runs: number, read: (text: string) => unknown, input: string): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const before = process.cpuUsage();
    await outcomeOf(read, input);
    const { user, system } = process.cpuUsage(before);
    shortest = Math.min(shortest, (user + system) / 1000);
  }
  return shortest;
}
