import { EaselError } from '../core/errors';

/** A pickle is a program that builds what it holds; a model is never code here. */
export function pickle(name: string): EaselError {
  return new EaselError(
    'unsupported',
    `"${name}" is a pickle (.ckpt, .pt or .bin), which could run code when read. Convert it to .safetensors first.`,
  );
}
