import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DECLINED } from './declined';
import { type Checker, type GoldenCase, type GoldenFile, relativeError } from './golden';
import { checkHelper, checkStepSchedule, checkTimestepSpacing } from './schedules';

// Lists and formulas computed in float64 by the references themselves (each file's `provenance`).
const GOLDENS = join(import.meta.dirname, '../../core/diffusion/goldens');

function read(name: string): GoldenFile {
  return JSON.parse(readFileSync(join(GOLDENS, name), 'utf8'));
}

async function errorOf(check: Checker, golden: GoldenCase, file: GoldenFile): Promise<number> {
  const checked = await check(golden, file);
  expect(checked.length).toBeGreaterThan(0);
  return Math.max(...checked.map((comparison) => relativeError(comparison) / comparison.tolerance));
}

/** What each file says of its cases that is a result. */
const RESULTS: [name: string, check: Checker, results: string[]][] = [
  ['b_step_schedules.json', checkStepSchedule, ['sigmas', 'timesteps', 'timesteps_quantized']],
  [
    'b_timestep_spacing.json',
    checkTimestepSpacing,
    ['timesteps', 'timesteps_ascending', 'prev_timesteps', 'n_model_updates', 'sigmas', 'init_noise_sigma'],
  ],
  [
    'c_helpers.json',
    checkHelper,
    ['sigma_down', 'sigma_up', 'coeffs', 't_quantized', 'x', 'c_skip', 'c_out', 'sequence', 'sigma'],
  ],
];

describe.each(RESULTS)('%s', (name, check, results) => {
  const file = read(name);
  it('would see any of them off by a thousandth', async () => {
    const unseen: string[] = [];
    for (const golden of file.cases.filter(({ id }) => !DECLINED.has(id))) {
      for (const field of results.filter((result) => result in golden)) {
        const error = await errorOf(check, { ...golden, [field]: nudged(golden[field]) }, file);
        if (error <= 1) unseen.push(`${golden.id}: ${field}`);
      }
    }
    expect(unseen).toEqual([]);
  });
});

/** The value with its first number a little off. */
function nudged(value: unknown): unknown {
  if (typeof value === 'number') return value + 1e-3;
  if (Array.isArray(value)) return [nudged(value[0]), ...value.slice(1)];
  return Object.fromEntries(Object.entries(value as object).map(([key, inner]) => [key, nudged(inner)]));
}
