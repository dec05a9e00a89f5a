import { EaselError, said } from '../../core/errors';
import { decodeFloats, isFloatDtype } from '../../model/weights/dtypes';
import type { ModelFiles } from '../../model/weights/model-files';
import { readHeader } from '../../model/weights/safetensors';

/** Inputs and outputs that a reference computed, by name. */
export interface Expected {
  readonly names: readonly string[];
  /** Those that are outputs: each must be compared or accounted for. */
  readonly outputs: readonly string[];
  has(name: string): boolean;
  shape(name: string): readonly number[];
  floats(name: string): Promise<Float32Array>;
  ints(name: string): Promise<Int32Array>;
}

/** What networks and loops are fed, by the last part of its name; a number after it counts. */
const INPUTS: ReadonlySet<string> = new Set([
  ...['sample', 'timestep', 'sigma', 'encoder_hidden_states', 'text_embeds', 'time_ids', 'timestep_cond'],
  ...['class_labels', 'input_ids', 'image', 'init_image', 'mask', 'pixel_values', 'picture', 'latent', 'z'],
  ...['cond', 'uncond', 'noise'],
]);
/** Outputs that bear an input's name: what a text tower projects, and the picture that a run ends with. */
const OUTPUTS = [/^text\..*\.text_embeds$/, /^(txt2img|img2img|inpaint\d+)\.\w+\.image$/];

/** Whether a tensor is one that a reference computed: all are that are not fed to it. */
export function isOutput(name: string): boolean {
  const last =
    name
      .replace(/(\.\d+)+$/, '')
      .split('.')
      .pop() ?? '';
  return !INPUTS.has(last) || OUTPUTS.some((pattern) => pattern.test(name));
}

/** Opens an expected.safetensors; no tensor is read yet. @throws EaselError `corrupt` where it names no output */
export async function openExpected(files: ModelFiles, path: string): Promise<Expected> {
  const { tensors } = await readHeader(files, path);
  const entry = (name: string) => {
    const found = tensors.get(name);
    if (!found) throw new EaselError('corrupt', said`${path} lacks ${name}.`);
    return found;
  };
  const bytes = (name: string) => files.read(path, entry(name).start, entry(name).end);
  const names = [...tensors.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const outputs = names.filter(isOutput);
  if (outputs.length === 0)
    throw new EaselError('corrupt', said`${path} names no output: there is nothing to compare.`);
  return {
    names,
    outputs,
    has: (name) => tensors.has(name),
    shape: (name) => entry(name).shape,
    async floats(name) {
      const { dtype } = entry(name);
      if (!isFloatDtype(dtype)) throw new EaselError('corrupt', said`${path}: ${name} holds no floats.`);
      return decodeFloats(await bytes(name), dtype);
    },
    async ints(name) {
      const data = (await bytes(name)).slice();
      return new Int32Array(data.buffer);
    },
  };
}

/** One output compared, or the reason why it could not be. */
export type Comparison =
  | { name: string; kind: 'compared'; error: number; tolerance: number }
  | { name: string; kind: 'not-yet'; reason: string };

/** Norm of the difference over norm of the reference. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i] - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  return Math.sqrt(difference / size);
}

/** Largest difference of two pictures in 0..1. */
export function largestDifference(actual: ArrayLike<number>, expected: Float32Array): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
  return largest;
}
