import { describe, expect, it } from 'vitest';
// Drawn by torch.randn on CPU, and by A1111's restatement of the CUDA generator (the file's `provenance`).
import goldens from './diffusion/goldens/a_normal_noise.json';
import { mersenneTwister, type NoiseKind, seededNormal } from './random';

interface Draw {
  n: number;
  head: number[];
  mid?: number[];
  tail?: number[];
}

function compare(drawn: Float32Array, golden: Draw) {
  const parts: [number, number[] | undefined][] = [
    [0, golden.head],
    [golden.n >> 1, golden.mid],
    [golden.n - (golden.tail?.length ?? 0), golden.tail],
  ];
  let worst = 0;
  for (const [from, values] of parts)
    for (const [i, value] of values?.entries() ?? []) worst = Math.max(worst, Math.abs(drawn[from + i] - value));
  return worst;
}

describe.each([
  ['cpu', goldens.torch_cpu],
  ['nv', goldens.philox],
] as [NoiseKind, { seed: number; shape: number[]; draws: Draw[] }[]][])('%s noise', (kind, cases) => {
  it.each(cases.map((c) => [c.seed, c.shape.join('x'), c] as const))('seed %i, shape %s', (seed, _, golden) => {
    const draw = seededNormal(seed, kind);
    for (const expected of golden.draws) expect(compare(draw(expected.n), expected)).toBeLessThan(2e-6);
  });
});

it('mt19937 gives the ten-thousandth number that the C++ standard demands of its default seed', () => {
  const draw = mersenneTwister(5489); // [rand.predef]: 4123659995
  let value = 0;
  for (let i = 0; i < 10000; i++) value = draw();
  expect(value).toBe(4123659995);
});
