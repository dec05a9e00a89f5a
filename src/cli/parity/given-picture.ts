import { lastSteps, posteriorSample, reimposing, stepsAtStrength } from '../../core/diffusion/image-to-image';
import { type Coordinates, noised, startingNoise } from '../../core/diffusion/latent-format';
import type { Latent, SamplerOptions, StepPlan } from '../../core/diffusion/types';
import { latentMask } from '../../core/image/inpaint-region';
import type { PaintingModel } from '../../model/types';
import type { Expected } from './expected';

/** How a run begins, and what holds it to the picture that was given, if one was. */
export interface Beginning {
  start: Latent;
  plan: StepPlan;
  afterStep?: SamplerOptions['afterStep'];
  beside?: Float32Array;
  /** How many of the recorded noises this took. */
  drawn: number;
}

interface Setting {
  name: string;
  expected: Expected;
  model: PaintingModel;
  whole: StepPlan;
  coordinates: Coordinates;
  noises: readonly Float32Array[];
  strength?: number;
}

/** diffusers' pipelines by the case's name, with the order in which each draws its noises. */
export async function beginning(setting: Setting): Promise<Beginning> {
  const [kind] = setting.name.split('.');
  switch (kind) {
    case 'img2img':
      return fromPicture(setting);
    case 'inpaint4':
      return inpainting(setting);
    case 'inpaint9':
      return inpaintingBeside(setting);
    default:
      return { ...fromNoise(setting, 0), drawn: 1 };
  }
}

function fromNoise({ whole, coordinates, model, noises }: Setting, k: number): { start: Latent; plan: StepPlan } {
  const trained = model.info.scheduler.num_train_timesteps;
  return { plan: whole, start: startingNoise(Float64Array.from(noises[k]), whole, coordinates, trained) };
}

/** A picture's latent, noised to where its part of the plan begins. */
function fromLatent({ whole, noises, strength = 1 }: Setting, original: Latent, k: number) {
  const { run } = stepsAtStrength('diffusers', whole.sigmas.length - 1, strength);
  const plan = lastSteps(whole, run);
  return { plan, start: noised(original, noises[k], plan.sigmas[0]) };
}

/** The latent of a picture (0 .. 1), drawn from its posterior. */
async function latentOf({ expected, model, noises }: Setting, picture: Float32Array, k: number): Promise<Float64Array> {
  const [, , height, width] = expected.shape('init_image');
  const { mean, logvar } = await model.encode(
    picture.map((value) => 2 * value - 1),
    height,
    width,
  );
  return posteriorSample(mean, logvar, noises[k]);
}

async function fromPicture(setting: Setting): Promise<Beginning> {
  const original = await latentOf(setting, await setting.expected.floats('init_image'), 0);
  return { ...fromLatent(setting, original, 1), drawn: 2 };
}

async function inpainting(setting: Setting): Promise<Beginning> {
  const { expected, noises, coordinates, strength = 1 } = setting;
  const original = await latentOf(setting, await expected.floats('init_image'), 0);
  const mask = await maskOf(expected);
  return {
    ...(strength < 1 ? fromLatent(setting, original, 1) : fromNoise(setting, 1)),
    afterStep: reimposing(original, Float64Array.from(noises[1]), mask, coordinates),
    drawn: 3,
  };
}

/** The UNet sees the mask and the picture with grey in its place (0 of -1 .. 1, half of 0 .. 1). */
async function inpaintingBeside(setting: Setting): Promise<Beginning> {
  const { expected } = setting;
  const pixels = await expected.floats('init_image');
  const hole = await expected.floats('mask');
  const grey = pixels.map((value, i) => (hole[i % hole.length] < 0.5 ? value : 0.5));
  const original = await latentOf(setting, grey, 1);
  const beside = Float32Array.from([...(await maskOf(expected)), ...original]);
  return { ...fromNoise(setting, 0), beside, drawn: 2 };
}

async function maskOf(expected: Expected): Promise<Float32Array> {
  const [, , height, width] = expected.shape('mask');
  const data = Uint8Array.from(await expected.floats('mask'), (value) => Math.round(255 * value));
  return latentMask({ width, height, data }, 'diffusers');
}
