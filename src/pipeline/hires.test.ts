import { describe, expect, it } from 'vitest';
import { trainedSigmas } from '../core/diffusion/noise-schedules';
import { planSteps } from '../core/diffusion/plan-steps';
import { tableLevels } from '../core/diffusion/process/discrete';
import { seedNoise } from '../core/diffusion/samplers/seed-noise';
import { said } from '../core/errors';
import { type Interpolation, interpolate } from '../core/image/interpolate';
import { UPSCALERS, type UpscalerId } from '../core/image/upscalers';
import { type GenerationRequest, parseRequest } from '../core/request/request';
import type { RunningUpscaler } from '../model/running/running-upscaler';
import { arithmetic, type Colour, colourModel } from './fixtures/models';
import { paint } from './generate';
import type { PaintStage, PaintStep } from './progress';

const TARGET: Colour = [0.5, -0.25, 0.1];
const SPREAD = 0.3;

const request = (fields: Partial<GenerationRequest>) =>
  parseRequest({
    prompt: 'b',
    sampler: 'euler',
    schedule: 'normal',
    steps: 6,
    cfgScale: 1,
    seed: 7,
    width: 64,
    height: 64,
    hires: true,
    ...fields,
  });

/** Paints with a model that knows a normal distribution of colours; gives back every latent that was decoded, too. */
async function run(fields: Partial<GenerationRequest>, upscaler?: RunningUpscaler) {
  const { model, calls, encoded } = colourModel(TARGET, 4, SPREAD);
  const decoded: ArrayLike<number>[] = [];
  const decode: typeof model.decode = (latent, height, width) => {
    decoded.push(Array.from(latent));
    return model.decode(latent, height, width);
  };
  const painted = await paint({ ...model, decode }, request(fields), {}, { upscaler });
  return { painted, calls, encoded, decoded };
}

/** A network that repeats pixels. */
const doubling: RunningUpscaler = {
  scale: 2,
  async enlarge(image, { width, height }, take) {
    const rows = Float32Array.from({ length: 12 * width * height }, (_, i) => {
      const [x, y, c] = [i % (2 * width), Math.floor(i / (2 * width)) % (2 * height), Math.floor(i / (4 * width * height))]; // biome-ignore format: one line
      return image[(c * height + (y >> 1)) * width + (x >> 1)];
    });
    take({ rows, first: 0, count: 2 * height, of: 2 * height });
  },
  release: async () => undefined,
  takeNotes: () => [said`It ran.`],
};

/** The noise levels of Euler's run by the schedule "normal". */
function sigmasOf(steps: number): number[] {
  const { model } = colourModel(TARGET);
  const config = model.info.scheduler;
  const levels = tableLevels(trainedSigmas(config));
  return planSteps({ sampler: 'euler', schedule: 'normal', steps, levels, config }).sigmas;
}

/** Euler's method by hand, where the best denoiser is known: E[x0 | x] of a normal distribution about the colour. */
function eulerByHand(start: ArrayLike<number>, sigmas: readonly number[], cells: number): Float64Array {
  const x = Float64Array.from(start);
  for (const [step, sigma] of sigmas.slice(0, -1).entries()) {
    const next = sigmas[step + 1];
    for (let i = 0; i < x.length; i++) {
      const colour = [...TARGET, 0][Math.floor(i / cells)];
      const x0 = (SPREAD ** 2 * x[i] + sigma ** 2 * colour) / (SPREAD ** 2 + sigma ** 2);
      x[i] += ((next - sigma) * (x[i] - x0)) / sigma;
    }
  }
  return x;
}

/** Both passes by hand, with the noise that torch draws for the seed at either size. */
function byHand(mode: Interpolation, strength: number, second: Partial<Parameters<typeof seedNoise>[0]> = {}) {
  const first = sigmasOf(6);
  const small = { channels: 4, height: 8, width: 8 };
  const large = { channels: 4, height: 16, width: 16 };
  const noise = seedNoise({ seed: 7, ...second }, small);
  const painted = eulerByHand(
    noise.map((value) => value * first[0]),
    first,
    64,
  );
  const enlarged = interpolate(painted, small, large, mode);
  // As A1111: the steps are planned so that, at the strength, as many of them as were asked for are left.
  const last = sigmasOf(Math.floor(6 / strength)).slice(-7);
  const noiseAgain = seedNoise({ seed: 7, ...second }, large);
  return eulerByHand(
    enlarged.map((value, i) => value + last[0] * noiseAgain[i]),
    last,
    256,
  );
}

const LATENT = (Object.keys(UPSCALERS) as UpscalerId[]).flatMap((id) => {
  const { way } = UPSCALERS[id];
  return way.works === 'latent' ? [[id, way.mode] as const] : [];
});

describe('hires fix', () => {
  it.each(LATENT)('with %s is both passes done by hand', async (hiresUpscaler, mode) => {
    const { painted, decoded } = await run({ hiresUpscaler, hiresStrength: 0.6 });
    expect([painted.width, painted.height, decoded.length]).toEqual([128, 128, 1]);
    const expected = byHand(mode, 0.6);
    for (const [i, value] of expected.entries()) expect(decoded[0][i]).toBeCloseTo(value, 4);
  });

  it('draws a variation, and a seed of another size, for each pass at its own size', async () => {
    const varied = { variationSeed: 9, variationStrength: 0.3 };
    const { decoded } = await run({ ...varied, seedResizeWidth: 96, seedResizeHeight: 64 });
    const expected = byHand('bilinear', 0.7, { ...varied, resizedFrom: { width: 12, height: 8 } });
    for (const [i, value] of expected.entries()) expect(decoded[0][i]).toBeCloseTo(value, 4);
  });

  it('through pixels decodes, enlarges and encodes what the first pass painted', async () => {
    const { painted, encoded, decoded, calls } = await run({ hiresUpscaler: 'nearest', hiresSteps: 3 });
    expect([painted.width, painted.height, decoded.length, calls.length]).toEqual([128, 128, 2, 9]);
    // The model's autoencoder makes each cell 8 x 8 pixels; nearest repeats them.
    expect(encoded[0]).toHaveLength(3 * 128 * 128);
    for (const [x, y] of [[3, 5], [70, 100]]) // biome-ignore format: a list
      expect(encoded[0][y * 128 + x]).toBeCloseTo(decoded[0][Math.floor(y / 16) * 8 + Math.floor(x / 16)], 1);
  });

  it('through pixels by a network is as by a filter that does the same, and says how the network ran', async () => {
    const network = await run({ hiresUpscaler: 'file:x' }, doubling);
    const filter = await run({ hiresUpscaler: 'nearest' });
    expect([network.painted.rgb, network.encoded]).toEqual([filter.painted.rgb, filter.encoded]);
    expect(network.painted.notes).toEqual([said`It ran.`]);
    await expect(run({ hiresUpscaler: 'file:x' })).rejects.toThrow('The upscaler x was not given.');
  });

  it('at strength 0 is enlarged only', async () => {
    const { decoded, calls, painted } = await run({ hiresStrength: 0, hiresUpscaler: 'latent-nearest' });
    expect([calls.length, painted.width]).toEqual([6, 128]);
    expect(decoded[0][0]).toBe(decoded[0][1]);
  });

  it('to a size of another shape covers it and cuts off what is over around the middle', async () => {
    const wide = { hiresUpscaler: 'latent-nearest', hiresStrength: 0, hiresWidth: 128, hiresHeight: 64 } as const;
    const [whole, cut] = [await run({ ...wide, hiresHeight: 0 }), await run(wide)];
    expect([whole.painted.height, cut.painted.width, cut.painted.height]).toEqual([128, 128, 64]);
    // 8 of 16 rows of cells, from the fifth on.
    for (let c = 0; c < 4; c++)
      for (let i = 0; i < 8 * 16; i++) expect(cut.decoded[0][c * 128 + i]).toBe(whole.decoded[0][c * 256 + 64 + i]);
  });

  it('is left out where a picture is given', async () => {
    const { model } = colourModel(TARGET);
    const picture = { width: 64, height: 64, data: new Uint8ClampedArray(4 * 64 * 64).fill(255) };
    expect((await paint(model, request({}), {}, { given: { picture } })).width).toBe(64);
  });
});

describe('the second pass', () => {
  function flat() {
    const { model, calls } = arithmetic((prompt, sample) => sample.map(() => prompt / 1000));
    const decode: typeof model.decode = async (_, height, width) => new Float32Array(3 * 64 * height * width);
    return { model: { ...model, decode }, calls };
  }
  const codes = (text: string) => [...text].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  async function promptsOf(fields: Partial<GenerationRequest>): Promise<number[][]> {
    const { model, calls } = flat();
    await paint(model, request({ steps: 2, hiresStrength: 0.5, hiresSteps: 4, ...fields }));
    return calls.map(({ prompts }) => prompts);
  }

  it('has a prompt, a negative prompt and a sampler of its own', async () => {
    const [own, words] = [codes('y'), codes('n')];
    expect(await promptsOf({ cfgScale: 7, negativePrompt: 'a', hiresPrompt: 'y', hiresNegativePrompt: 'n' })).toEqual([
      ...Array(2).fill([codes('b'), codes('a')]),
      ...Array(4).fill([own, words]),
    ]);
    // Heun calls the model twice a step, but for the last.
    expect(await promptsOf({ hiresSampler: 'heun' })).toHaveLength(2 + 7);
  });

  it('goes on counting where the prompt changes: shares from 1, steps from the first pass’s', async () => {
    const of = async (prompt: string) => (await promptsOf({ prompt })).map(([text]) => text);
    const [a, b] = [codes('a'), codes('b')];
    // A text holds one call longer than its step's number says, as in A1111.
    expect(await of('[a:b:1.5]')).toEqual([a, a, a, a, a, b]);
    expect(await of('[a:b:4]')).toEqual([a, a, a, a, a, b]);
    expect(await of('[a:b:0.5]')).toEqual([a, a, b, b, b, b]);
  });

  it('counts its steps after the first’s, weighs what is left, and has latents of its size', async () => {
    const { model } = flat();
    const steps: PaintStep[] = [];
    const stages: PaintStage[] = [];
    await paint(model, request({ steps: 2, hiresSteps: 4 }), {
      onStep: (info) => void steps.push(info),
      onStage: (stage) => void stages.push(stage),
    });
    expect(stages).toEqual(['encode-prompt', 'encode-prompt', 'denoise', 'denoise', 'decode']);
    expect(steps.map(({ step, of }) => `${step} of ${of}`)).toEqual(['0 of 6', '1 of 6', '2 of 6', '3 of 6', '4 of 6', '5 of 6']); // biome-ignore format: one line
    expect(steps.map(({ size }) => size.width)).toEqual([8, 8, 16, 16, 16, 16]);
    // A step of the second takes four times as long as one of the first.
    expect(steps.map(({ work }) => work?.left)).toEqual([17, 16, 3, 2, 1, 0]);
    expect(steps.map(({ work }) => work?.whole)).toEqual([18, 18, 4.5, 4.5, 4.5, 4.5]);
  });

  it('ends within a step where it is cancelled', async () => {
    const { model, calls } = flat();
    const stop = new AbortController();
    const reason = new Error('enough');
    const onStep = ({ step }: PaintStep) => step === 3 && stop.abort(reason);
    const painting = paint(model, request({ steps: 2, hiresSteps: 4 }), { onStep: (info) => void onStep(info), signal: stop.signal }); // biome-ignore format: one line
    await expect(painting).rejects.toBe(reason);
    expect(calls).toHaveLength(4);
    expect(model.runs.vaeDecoder).toBe(0);
  });
});
