import { EaselError } from '../core/errors';
import { type AutoencoderConfig, parseAutoencoderConfig } from './graph/autoencoder-config';
import { type ClipTextConfig, parseClipTextConfig, parseUnetConfig, type UnetConfig } from './graph/config';
import type { Network } from './network';
import type { ModelFiles } from './types';
import { autoencoderName, textTowerName } from './weights/names';
import { openStateDict, renamed } from './weights/state-dict';

/**
 * The networks of a diffusers folder, each in a sub-folder of its own with `config.json` and `.safetensors`. Only headers are
 * read.
 * @throws EaselError `corrupt` or `unsupported` naming the file and the option or tensor.
 */
export async function openUnet(files: ModelFiles, folder: string): Promise<Network<UnetConfig>> {
  const path = `${folder}/config.json`;
  const config = parseUnetConfig(await readJson(files, path), path);
  return { name: folder, config, weights: await openStateDict(files, folder) };
}

export async function openTextTower(files: ModelFiles, folder: string): Promise<Network<ClipTextConfig>> {
  const path = `${folder}/config.json`;
  const config = parseClipTextConfig(await readJson(files, path), path);
  return { name: folder, config, weights: renamed(await openStateDict(files, folder), textTowerName) };
}

export async function openAutoencoder(files: ModelFiles, folder: string): Promise<Network<AutoencoderConfig>> {
  const path = `${folder}/config.json`;
  const config = parseAutoencoderConfig(await readJson(files, path), path);
  return { name: folder, config, weights: renamed(await openStateDict(files, folder), autoencoderName) };
}

/** A JSON object among a model's files. */
export async function readJson(files: ModelFiles, path: string): Promise<Record<string, unknown>> {
  if (!files.list().includes(path)) {
    throw new EaselError('corrupt', `The folder "${files.name}" has no ${path}: it is not a whole diffusers model.`);
  }
  const text = new TextDecoder().decode(await files.read(path));
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  } catch {
    // reported below, with the file's name
  }
  throw new EaselError('corrupt', `${path} is not a JSON object.`);
}
