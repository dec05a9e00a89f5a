import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkConversions } from './conversions';
import { type Checker, type GoldenCase, type GoldenFile, relativeError } from './golden';
import { checkGuidance } from './guidance';
import { checkDiffusionMaths, checkEdm } from './maths';
import { checkMixture } from './mixture';
import { checkNoiseSchedule, checkNormalNoise, noiseCases } from './noise';

// Computed in float64 by the references themselves (each file's `provenance`).
const GOLDENS = join(import.meta.dirname, '../../core/diffusion/goldens');
const read = (name: string) => JSON.parse(readFileSync(join(GOLDENS, name), 'utf8'));

const CHECKED: [name: string, Checker, cases?: (file: never) => GoldenCase[]][] = [
  ['a_noise_schedules.json', checkNoiseSchedule],
  ['a_normal_noise.json', checkNormalNoise, noiseCases],
  ['c_denoiser.json', checkMixture],
  ['c_diffusion_math.json', checkDiffusionMaths],
  ['d_conversions.json', checkConversions],
  ['d_edm_precond.json', checkEdm],
  ['e_guidance.json', checkGuidance],
];

describe.each(CHECKED)('%s', (name, check, toCases) => {
  const file = read(name) as GoldenFile;
  const cases = toCases?.(file as never) ?? file.cases;
  it.each(cases.map((golden) => [golden.id, golden] as const))('%s', async (_, golden) => {
    const checked = await check(golden, file);
    if ('declined' in checked) throw new Error(`declined: ${checked.declined}`);
    expect(checked.length).toBeGreaterThan(0);
    for (const comparison of checked)
      expect(relativeError(comparison), comparison.field).toBeLessThanOrEqual(comparison.tolerance);
  });
});
