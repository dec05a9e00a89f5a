import { describe, expect, it } from 'vitest';
import { keepingOriginal, lastSteps, posteriorSample, reimposing, softMask, stepsAtStrength } from './image-to-image';
import { SAMPLERS } from './samplers/index';

describe('steps at a denoising strength', () => {
  it.each([
    ['diffusers', 10, 0.6, 10, 6],
    ['diffusers', 8, 0.7, 8, 5],
    ['diffusers', 20, 1, 20, 20],
    // A1111's sampling_prepare: t_enc = int(min(strength, 0.999) * steps), and t_enc + 1 steps are run.
    ['a1111', 20, 0.75, 20, 16],
    ['a1111', 20, 1, 20, 20],
    ['a1111', 20, 0, 20, 1],
    ['a1111-exactly', 20, 0.5, 40, 20],
    ['a1111-exactly', 20, 1, 20, 20],
  ] as const)('%s: %i steps at %d plan %i and run %i', (way, steps, strength, planned, run) => {
    expect(stepsAtStrength(way, steps, strength)).toEqual({ planned, run });
  });

  it('takes the last steps of a plan', () => {
    expect(lastSteps({ sigmas: [4, 3, 2, 1, 0], timesteps: [9, 7, 5, 3], targets: [3.5, 2.5, 1.5, 0] }, 2)).toEqual({
      sigmas: [2, 1, 0],
      timesteps: [5, 3],
      targets: [1.5, 0],
    });
    expect(lastSteps({ sigmas: [2, 1, 0] }, 5).sigmas).toEqual([2, 1, 0]);
  });
});

describe('inpainting', () => {
  const original = Float64Array.of(1, 2, 3, 4);
  const noise = Float64Array.of(1, -1, 1, -1);
  const mask = () => [0, 1]; // two cells, two channels
  const away = async () => ({ x0: Float64Array.of(9, 9, 9, 9) });

  it('diffusers’ way: the original noised to the step outside, clean at the end', () => {
    const reimpose = reimposing(original, noise, mask);
    expect([...reimpose(Float64Array.of(7, 7, 7, 7), 0.5, false)]).toEqual([1.5, 7, 3.5, 7]);
    expect([...reimpose(Float64Array.of(7, 7, 7, 7), 0.5, true)]).toEqual([1, 7, 3, 7]);
  });

  it('A1111’s way ends at the original outside the mask with every sampler that ends clean', async () => {
    for (const id of ['euler', 'heun', 'dpmpp_2m', 'ddim', 'dpmpp_2m_sde', 'unipc'] as const) {
      const x = await SAMPLERS[id].sample(keepingOriginal(away, original, mask), noise, [3, 2, 1, 0], {
        noise: () => noise,
      });
      expect([x[0], x[2]], id).toEqual([expect.closeTo(1, 12), expect.closeTo(3, 12)]);
      expect([x[1], x[3]], id).toEqual([expect.closeTo(9, 12), expect.closeTo(9, 12)]);
    }
  });

  it('a soft mask mixes', async () => {
    const soft = await keepingOriginal(away, original, () => [0.25])(noise, 1, { step: 0, of: 1 });
    expect([...soft.x0]).toEqual([3, 3.75, 4.5, 5.25]);
  });
});

describe('a soft mask', () => {
  const sigmas = [8, 4, 2, 1, 0];
  const shares = [0, 0.25, 0.5, 0.75, 1];

  it('frees each cell for its share of the steps', () => {
    const free = sigmas.slice(0, -1).map((sigma) => Array.from(softMask(shares, sigmas)(sigma)));
    expect(free).toEqual([
      [0, 0, 0, 0, 1],
      [0, 0, 0, 1, 1],
      [0, 0, 1, 1, 1],
      [0, 1, 1, 1, 1],
    ]);
  });

  it('frees a share between two steps in part, keeps 0 to the end, and knows levels beyond the run’s', () => {
    expect(Array.from(softMask([0.375], sigmas)(2))).toEqual([0.5]); // one and a half steps: half of the second last
    expect(Array.from(softMask([0.5], sigmas)(3))).toEqual([0.5]); // half-way in the second step
    expect(Array.from(softMask([0, 1e-3, 1], sigmas)(0))).toEqual([0, 1, 1]);
    expect(Array.from(softMask([0, 0.5, 1], sigmas)(9))).toEqual([0, 0, 1]);
  });
});

it('a posterior’s sample is its mean and the deviation’s share of noise', () => {
  const sample = posteriorSample(Float64Array.of(1, 2), Float64Array.of(0, 2 * Math.log(3)), Float64Array.of(0.5, -1));
  expect([...sample]).toEqual([1.5, expect.closeTo(-1, 12)]);
});
