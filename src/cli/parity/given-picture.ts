import { reimposing, stepsAtStrength } from '../../core/diffusion/image-to-image';
import { type Coordinates, startingNoise } from '../../core/diffusion/latent-format';
import type { NoiseProcess } from '../../core/diffusion/process/noise-process';
import type { Latent, SamplerOptions, StepPlan } from '../../core/diffusion/types';
import { latentMask } from '../../core/image/inpaint-region';
import type { PaintingModel } from '../../model/running/painting-model';
import { encodedPlanes } from '../../pipeline/input-image/encode';
import { greyed, inpaintChannels } from '../../pipeline/input-image/inpaint-channels';
import { noisedLatent } from '../../pipeline/stages/start';
import type { Expected } from './expected';

/** How a run begins, and what holds it to the picture that was given, if one was. */
export interface Beginning {
  start: Latent;
  plan: StepPlan;
  afterStep?: SamplerOptions['afterStep'];
  spatial?: Float32Array;
  /** How many of the recorded noises this took. */
  drawn: number;
}

interface Setting {
  name: string;
  expected: Expected;
  model: PaintingModel;
  process: NoiseProcess;
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

function fromNoise({ whole, coordinates, process, noises }: Setting, k: number): { start: Latent; plan: StepPlan } {
  return { plan: whole, start: startingNoise(Float64Array.from(noises[k]), whole, coordinates, process) };
}

/** A picture's latent, noised to where its part of the plan begins. */
function fromPart({ whole, noises, strength = 1 }: Setting, original: Latent, k: number) {
  const { run } = stepsAtStrength('diffusers', whole.sigmas.length - 1, strength);
  return noisedLatent(whole, run, original, noises[k]);
}

/** The given picture as RGB planes of -1 .. 1, and its size. */
async function planesOf(expected: Expected) {
  const [, , height, width] = expected.shape('init_image');
  return { planes: (await expected.floats('init_image')).map((value) => 2 * value - 1), size: { height, width } };
}

/** The latent of the given picture, drawn from its posterior. */
async function latentOf({ expected, model, noises }: Setting): Promise<Float64Array> {
  const { planes, size } = await planesOf(expected);
  return encodedPlanes(model, planes, size, () => noises[0]);
}

async function fromPicture(setting: Setting): Promise<Beginning> {
  return { ...fromPart(setting, await latentOf(setting), 1), drawn: 2 };
}

async function inpainting(setting: Setting): Promise<Beginning> {
  const { expected, noises, coordinates, strength = 1 } = setting;
  const original = await latentOf(setting);
  const mask = await maskOf(expected);
  return {
    ...(strength < 1 ? fromPart(setting, original, 1) : fromNoise(setting, 1)),
    afterStep: reimposing(original, Float64Array.from(noises[1]), () => mask, coordinates),
    drawn: 3,
  };
}

async function inpaintingBeside(setting: Setting): Promise<Beginning> {
  const { expected, model, noises } = setting;
  const { planes, size } = await planesOf(expected);
  const hole = (await expected.floats('mask')).map((value) => Number(value >= 0.5));
  const latent = await encodedPlanes(model, greyed(planes, hole), size, () => noises[1]);
  return { ...fromNoise(setting, 0), spatial: inpaintChannels(await maskOf(expected), latent), drawn: 2 };
}

async function maskOf(expected: Expected): Promise<Float32Array> {
  const [, , height, width] = expected.shape('mask');
  const data = Uint8Array.from(await expected.floats('mask'), (value) => Math.round(255 * value));
  return latentMask({ width, height, data }, 'diffusers');
}
