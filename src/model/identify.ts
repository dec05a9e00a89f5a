import { EaselError } from '../core/errors';
import { openAdapter } from './adapter-file';
import { hasEncoder } from './graph/autoencoder-config';
import { type CheckpointSurvey, surveySingleFile } from './layouts/original-file';
import { openVae } from './separate-vae';
import type { ModelFiles } from './types';
import { openFile } from './weights/state-dict';
import { isOriginalTaesd } from './weights/taesd-names';

/** What a .safetensors file is, as its header tells. */
export type FileReport =
  | ({ kind: 'model' } & CheckpointSurvey)
  | { kind: 'lora' }
  /** A textual inversion, by the word that stands for it in prompts. */
  | { kind: 'embedding'; word: string }
  | { kind: 'vae' }
  /** An autoencoder small enough to decode every step (TAESD). */
  | { kind: 'tiny-vae' }
  /** The decoder of such a one alone. */
  | { kind: 'tiny-decoder' };

export type FileKind = FileReport['kind'];

/**
 * Tells what the one file is; only its header is read.
 * @throws EaselError `unsupported` saying what it is instead, `corrupt` for a damaged file.
 */
export async function identifyFile(files: ModelFiles): Promise<FileReport> {
  const [path] = files.list();
  if (/\.(ckpt|pt|pth|bin)$/i.test(path)) throw pickle(path);
  const adapter = await openAdapter(files);
  if (adapter?.kind === 'embedding') return { kind: 'embedding', word: adapter.embedding.word };
  if (adapter) return { kind: 'lora' };
  const { dict } = await openFile(files, path);
  const keys = [...dict.entries.keys()];
  const isAutoencoder = keys.some((key) => AUTOENCODER.test(key)) || isOriginalTaesd(keys);
  if (isAutoencoder && !keys.some((key) => key.includes('diffusion_model.'))) {
    const { config } = await openVae({ files, path }, 'sd1');
    if (config.kind !== 'tiny') return { kind: 'vae' };
    return { kind: hasEncoder(config) ? 'tiny-vae' : 'tiny-decoder' };
  }
  const { family, predictionType, predictionKnown, hasVae } = await surveySingleFile(files, path);
  return { kind: 'model', family, predictionType, predictionKnown, hasVae };
}

/** Half of an autoencoder, in any layout. */
const AUTOENCODER = /(^|\.)(encoder|decoder)\.(down|up|down_blocks|up_blocks|layers)\.\d+\./;

/** A pickle is a program that builds what it holds; a model is never code here. */
export function pickle(name: string): EaselError {
  return new EaselError(
    'unsupported',
    `"${name}" is a pickle (.ckpt, .pt or .bin), which could run code when read. Convert it to .safetensors first.`,
  );
}
