import { expect, it } from 'vitest';
import { betasFrom, trainedSigmas } from '../core/diffusion/noise-schedules';
import { chainLevel, diffusionChain, variationalBound } from '../core/diffusion/theory/gaussian-diffusion';
import { pictureToPlanes } from '../core/image/planes';
import { seededNormal } from '../core/random';
import type { PaintingModel } from '../model/running/painting-model';
import { pictureBound } from './bound';
import { arithmetic } from './fixtures/models';

const SCHEDULER = { num_train_timesteps: 20, beta_start: 1e-4, beta_end: 0.3, beta_schedule: 'linear' };
const PICTURE = { width: 2, height: 2, data: Uint8ClampedArray.from({ length: 16 }, (_, i) => (53 * i) % 256) };
const DOWN = Array.from({ length: 20 }, (_, i) => 19 - i);

/** A model of pixels in arithmetic. @param output of the network, for what it is given */
function ofPixels(output: (sample: Float32Array) => number[], info: Partial<PaintingModel['info']> = {}) {
  const { model, calls } = arithmetic((_, sample) => output(sample));
  return { model: { ...model, info: { ...model.info, latentScale: 1, scheduler: SCHEDULER, ...info } }, calls };
}

const SAME = Float64Array.from(pictureToPlanes(PICTURE), (value) => Math.round((value + 1) * 127.5) / 127.5 - 1);

/** The whole bound as the core has it, of a predictor that says what the model in arithmetic says. */
async function whole(epsOf: (x: number) => number, options: Parameters<typeof variationalBound>[4], v?: number) {
  const chain = diffusionChain(betasFrom(trainedSigmas(SCHEDULER).alphasCumprod));
  const draw = seededNormal(7);
  const noises = DOWN.map(() => draw(12));
  return variationalBound(
    chain,
    SAME,
    async (x, t) => {
      const { signal, noise } = chainLevel(chain, t);
      const x0 = Float64Array.from(x, (value) => (value - noise * epsOf(value)) / signal);
      return { x0, ...(v !== undefined && { variance: new Float64Array(x.length).fill(v) }) };
    },
    noises,
    options,
  );
}

it('is the core’s bound, term by term, with the posterior’s variance and x0 as the model clips it', async () => {
  const { model, calls } = ofPixels((sample) => Array.from(sample, (x) => 0.4 * x));
  const { terms, prior } = await pictureBound(model, PICTURE, { label: 0, timesteps: DOWN, seed: 7 });
  const expected = await whole((x) => 0.4 * x, { varianceType: 'fixed_small' });
  expect(prior).toBeCloseTo(expected.prior, 12);
  for (const [i, term] of expected.terms.entries()) expect(Math.abs(terms[i] / term - 1)).toBeLessThan(1e-4);
  expect(calls.map(({ timestep }) => timestep)).toEqual(DOWN);

  const clipping = { ...model, info: { ...model.info, thresholding: { kind: 'static', limit: 1 } as const } };
  const clipped = await pictureBound(clipping, PICTURE, { label: 0, timesteps: DOWN, seed: 7 });
  const kept = await whole((x) => 0.4 * x, { varianceType: 'fixed_small', clip: true });
  for (const [i, term] of kept.terms.entries()) expect(Math.abs(clipped.terms[i] / term - 1)).toBeLessThan(1e-4);
  expect(clipped.terms[0]).toBeLessThan(terms[0]);
});

it('takes the variance of a model that learned it, and tells a class', async () => {
  const labels: unknown[] = [];
  const { model } = ofPixels((sample) => [...Array.from(sample, (x) => 0.4 * x), ...Array.from(sample, () => 0.5)]);
  const told = {
    ...model,
    info: { ...model.info, conditioning: 'class' as const },
    predict: (input: Parameters<typeof model.predict>[0]) => {
      labels.push(...(input.labels ?? []));
      return model.predict(input);
    },
  };
  const { terms } = await pictureBound(told, PICTURE, { label: 5, timesteps: DOWN, seed: 7 });
  const expected = await whole((x) => 0.4 * x, { varianceType: 'learned_range' }, 0.5);
  for (const [i, term] of expected.terms.entries()) expect(Math.abs(terms[i] / term - 1)).toBeLessThan(1e-4);
  expect(labels).toEqual(DOWN.map(() => 5));
});

it('is of pixels and of timesteps that there are', async () => {
  const { model } = ofPixels((sample) => [...sample]);
  const options = { label: 0, timesteps: [20], seed: 7 };
  await expect(pictureBound(model, PICTURE, options)).rejects.toThrow('The chain has no timestep 20.');
  const latent = { ...model, info: { ...model.info, latentScale: 8 } };
  await expect(pictureBound(latent, PICTURE, options)).rejects.toThrow('works on latents');
});
