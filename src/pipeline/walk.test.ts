import { expect, it } from 'vitest';
import { parseRequest } from '../core/request/request';
import { slerp, type Walk } from '../core/request/walk';
import { arithmetic } from './fixtures/models';
import { paint } from './generate';

const from = { prompt: 'b', negativePrompt: 'a', seed: 7, variationSeed: 3, variationStrength: 0.3 };
const to = { prompt: 'd', negativePrompt: 'e', seed: 9, variationSeed: 4, variationStrength: 0 };

/** The model's first call. */
async function firstCall(fields: object, walk?: Walk) {
  const { model, calls } = arithmetic((_, sample) => sample);
  const decode: typeof model.decode = async (_, height, width) => new Float32Array(3 * 64 * height * width);
  const request = parseRequest({ steps: 1, width: 64, height: 64, ...fields });
  await paint({ ...model, decode }, request, {}, { walk });
  return calls[0];
}

it('a walk between two pictures turns their noise, variations and all, and moves both prompts', async () => {
  const [start, end, between] = [
    await firstCall(from),
    await firstCall(to),
    await firstCall(from, { ...to, share: 0.25 }),
  ];
  const wanted = slerp(start.sample, end.sample, 0.25);
  for (const [i, value] of between.sample.entries()) expect(value).toBeCloseTo(wanted[i], 5);
  expect(start.sample[0]).not.toBeCloseTo((await firstCall({ ...from, variationStrength: 0 })).sample[0], 3);
  // A prompt is the sum of its characters: a quarter of the way from b to d, and from a to e.
  expect(between.prompts[0] - start.prompts[0]).toBeCloseTo(0.5, 3);
  expect(between.prompts[1] - start.prompts[1]).toBeCloseTo(1, 3);
});
