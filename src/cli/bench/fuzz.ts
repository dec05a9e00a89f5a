import fc from 'fast-check';
import { fuzzCases } from '../fuzz/cases';
import { outcomeOf } from '../fuzz/outcome';
import { MACHINE, report } from './report';

const INPUTS = 10_000;
/** A second for one small file would be a hang in the making. */
const LONGEST_MS = 1000;

/**
 * 10,000 spoiled inputs of each kind of file, or of those that are named: how many were read and refused, the slowest,
 * and how far memory grew. Fails at the first that is refused without a code, or takes over a second.
 */
export async function fuzz(names: readonly string[]): Promise<void> {
  const cases = Object.entries(await fuzzCases()).filter(([name]) => names.length === 0 || names.includes(name));
  const table: Record<string, Record<string, number>> = {};
  for (const [name, { good, spoiled, read }] of cases) {
    await outcomeOf(read, good); // loads what is loaded once
    const outcomes: Record<string, number> = {};
    let slowestMs = 0;
    const before = process.memoryUsage().rss;
    const property = fc.asyncProperty(spoiled, async (input) => {
      const cpu = process.cpuUsage();
      const outcome = await outcomeOf(read, input);
      // Time of this process: others may keep the machine busy.
      const { user, system } = process.cpuUsage(cpu);
      slowestMs = Math.max(slowestMs, (user + system) / 1000);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    });
    await fc.assert(property, { numRuns: INPUTS, verbose: 1 });
    const grownMiB = Math.round((process.memoryUsage().rss - before) / 2 ** 20);
    table[name] = { ...outcomes, slowestMs: Math.round(slowestMs), grownMiB };
    console.log(`${name.padEnd(26)} ${JSON.stringify(table[name])}`);
    if (slowestMs > LONGEST_MS) throw new Error(`${name}: one input took ${Math.round(slowestMs)} ms.`);
  }
  await report('fuzz', { machine: MACHINE, inputs: INPUTS, kinds: table });
}
