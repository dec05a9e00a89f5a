import { describe, expect, it } from 'vitest';
import { type GenerationRequest, parseRequest } from '../core/request/request';
import { failure } from '../model/fixtures/failure';
import type { PaintingModel } from '../model/running/painting-model';
import type { UnetInput } from '../model/runtime/denoiser';
import { arithmetic } from './fixtures/models';
import { paint } from './generate';

const request = (fields: Partial<GenerationRequest>) =>
  parseRequest({
    prompt: 'b',
    negativePrompt: 'a',
    sampler: 'ddim',
    steps: 10,
    seed: 7,
    width: 64,
    height: 64,
    ...fields,
  });
/** Predicts as noise whatever the prompt's number is, over 1000. */
const flat = () => arithmetic((prompt, sample) => sample.map(() => prompt / 1000));
/** What the last step shows as the clean latent's first number. */
async function predictions(model: PaintingModel, fields: Partial<GenerationRequest>): Promise<number[][]> {
  const shown: number[][] = [];
  await paint(model, request(fields), { onStep: ({ denoised }) => void shown.push([...denoised]) });
  return shown;
}
const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.charCodeAt(0));

describe('guidance', () => {
  it('runs the prompt and its negative in one batch, and the prompt alone at scale 1', async () => {
    const { model, calls } = flat();
    await paint(model, request({ cfgScale: 7 }));
    expect(calls.map(({ prompts }) => prompts)).toEqual(Array(10).fill([B, A]));
    calls.length = 0;
    await paint(model, request({ cfgScale: 1 }));
    expect(calls.map(({ prompts }) => prompts)).toEqual(Array(10).fill([B]));
  });

  it('acts only within its interval', async () => {
    const { model, calls } = flat();
    await paint(model, request({ guidanceStart: 0.2, guidanceEnd: 0.7 }));
    expect(calls.map(({ batch }) => batch)).toEqual([1, 1, 2, 2, 2, 2, 2, 1, 1, 1]);
  });

  it('adds up prompts joined by AND with their weights', async () => {
    const { model, calls } = flat();
    const [both] = await predictions(model, { prompt: 'b :2 AND c :-1', cfgScale: 3, steps: 1 });
    expect(calls.map(({ prompts }) => prompts[0])).toEqual([B, C, A]);
    // eps = a + 3 (2 (b - a) - (c - a)) = a, since these letters stand one apart: 2 - 2 = 0.
    const { model: plain } = arithmetic((_, sample) => sample.map(() => A / 1000));
    const [same] = await predictions(plain, { cfgScale: 1, steps: 1 });
    for (const [i, value] of both.entries()) expect(value).toBeCloseTo(same[i], 4);
  });

  it('is rescaled to the deviation of the prompt’s own prediction', async () => {
    // The negative prompt's output is 0, the prompt's waves: CFG at 4 is four times the prompt's.
    const waves = () => arithmetic((prompt, sample) => sample.map((_, i) => (prompt === B ? (i % 2) - 0.5 : 0)));
    const [full] = await predictions(waves().model, { cfgScale: 4, guidanceRescale: 1, steps: 1 });
    const [none] = await predictions(waves().model, { cfgScale: 1, steps: 1 });
    for (const [i, value] of full.entries()) expect(value).toBeCloseTo(none[i], 4);
  });

  it('DDIM CFG++ takes 1/12.5 of the scale', async () => {
    const [shown] = await predictions(flat().model, { sampler: 'ddim_cfgpp', cfgScale: 12.5, steps: 1 });
    const [cond] = await predictions(flat().model, { cfgScale: 1, steps: 1 });
    for (const [i, value] of shown.entries()) expect(value).toBeCloseTo(cond[i], 4);
  });
});

describe('a UNet that is told sizes', () => {
  it('gets the pooled text of each prompt, and height and width as SDXL counts them', async () => {
    const { model } = flat();
    const told: Pick<UnetInput, 'textEmbeds' | 'timeIds'>[] = [];
    const sized: PaintingModel = {
      ...model,
      info: { ...model.info, hasSizeConditioning: true },
      encodeText: async (ids) => ({ hidden: Float32Array.from(ids), pooled: Float32Array.of(ids[1], 1) }),
      predict(input) {
        told.push({ textEmbeds: input.textEmbeds, timeIds: input.timeIds });
        return model.predict(input);
      },
    };
    await paint(sized, request({ steps: 1, width: 64, height: 128 }));
    expect(told).toEqual([
      {
        textEmbeds: Float32Array.of('b'.charCodeAt(0), 1, 'a'.charCodeAt(0), 1),
        timeIds: Float32Array.of(128, 64, 0, 0, 128, 64, 128, 64, 0, 0, 128, 64),
      },
    ]);
  });

  it('and others are told nothing', async () => {
    const { model } = flat();
    const told: UnetInput[] = [];
    const predict = (given: UnetInput) => {
      told.push(given);
      return model.predict(given);
    };
    await paint({ ...model, predict }, request({ steps: 1 }));
    expect(told.map(({ textEmbeds, timeIds }) => textEmbeds ?? timeIds)).toEqual([undefined]);
  });
});

describe('clip skip', () => {
  it('reaches every prompt, and is refused beyond the model’s layers', async () => {
    const { model } = flat();
    const skips: (number | undefined)[] = [];
    const encodeText = (ids: Int32Array, clipSkip?: number) => {
      skips.push(clipSkip);
      return model.encodeText(ids);
    };
    await paint({ ...model, encodeText }, request({ prompt: 'b AND c', clipSkip: 2, steps: 1 }));
    expect(skips).toEqual([2, 2, 2]);
    await expect(paint(model, request({ clipSkip: 3 }))).rejects.toThrow('Clip skip can be at most 2 with this model.');
  });
});

describe('noise', () => {
  const started = async (fields: Partial<GenerationRequest>) => {
    const { model, calls } = flat();
    await paint(model, request({ sampler: 'euler_a', cfgScale: 1, steps: 3, ...fields }));
    return calls.map(({ sample }) => [...sample]);
  };

  it('comes from the generator that was asked for', async () => {
    const [cpu, nv] = [await started({}), await started({ noiseSource: 'nv' })];
    expect(nv[0]).not.toEqual(cpu[0]);
    expect((await started({ noiseSource: 'cpu' }))[0]).toEqual(cpu[0]);
  });

  it('eta noise seed delta leaves the start alone and changes what is drawn after it', async () => {
    const [plain, delta] = [await started({}), await started({ etaNoiseSeedDelta: 31337 })];
    expect(delta[0]).toEqual(plain[0]);
    expect(delta[1]).not.toEqual(plain[1]);
  });

  it('of the SDE samplers follows the seed', async () => {
    const sde = { sampler: 'dpmpp_2m_sde' } as const;
    const again = await started(sde);
    expect(await started(sde)).toEqual(again);
    expect((await started({ ...sde, seed: 8 }))[1]).not.toEqual(again[1]);
  });
});

describe('every sampler', () => {
  it('paints numbers on a model that predicts the noise it is given', async () => {
    for (const sampler of [
      'heun',
      'lms',
      'dpm2',
      'plms',
      'unipc',
      'lcm',
      'dpm2_a',
      'dpmpp_2s_a',
      'dpmpp_sde',
      'dpmpp_3m_sde',
      'restart',
      'dpm_fast',
      'dpm_adaptive',
      'rk45',
      'ddpm',
      'euler_maruyama',
      'predictor_corrector',
      'langevin',
    ] as const) {
      // biome-ignore format: a list
      const { model } = arithmetic((_, sample) => sample);
      const { rgb } = await paint(model, request({ sampler, steps: 6 }));
      expect(new Set(rgb).size, sampler).toBeGreaterThan(1);
    }
  });

  it('stops with the step and its noise level when the model produces NaN', async () => {
    const { model } = arithmetic((_, sample, call) => sample.map(() => (call > 3 ? Number.NaN : 0)));
    await expect(paint(model, request({}))).rejects.toThrow(/NaN or infinity at step 4 of 10 \(sigma \d/);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('stops when the autoencoder gives %s anywhere', async (odd) => {
    const { model } = flat();
    const decode = async (...[latent, height, width]: Parameters<PaintingModel['decode']>) => {
      const planes = await model.decode(latent, height, width);
      planes[planes.length - 1] = odd;
      return planes;
    };
    const error = await failure(paint({ ...model, decode }, request({ steps: 1 })));
    expect(error).toMatchObject({
      code: 'internal',
      message: expect.stringMatching(/^The VAE produced NaN or infinity/),
    });
  });
});
