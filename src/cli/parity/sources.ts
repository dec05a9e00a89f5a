import { EaselError } from '../../core/errors';
import { asPublished } from '../../model/fixtures/published-names';
import { type RawTensor, safetensorsFile } from '../../model/fixtures/random-model';
import type { AutoencoderConfig } from '../../model/graph/autoencoder-config';
import type { ClipTextConfig } from '../../model/graph/config';
import type { DenoiserConfig } from '../../model/graph/denoiser';
import type { Unet2dConfig } from '../../model/graph/unet2d-config';
import { openAutoencoder, openTextTower, openUnet } from '../../model/layouts/diffusers-folder';
import { readGuidedDiffusion } from '../../model/layouts/guided-diffusion-file';
import type { Network } from '../../model/layouts/network';
import { openSingleFile } from '../../model/running/open-checkpoint';
import { memoryFiles } from '../../model/weights/memory-files';
import type { ModelFiles } from '../../model/weights/model-files';
import { openFile } from '../../model/weights/state-dict';

/** One form in which a reference's model lies beside its expected.safetensors. */
export interface Source {
  /** Before the names of its outputs; empty for the first form, whose outputs also stand for the pipelines. */
  label: string;
  /** @param variant `9` for `unet9` */
  unet(variant: string): Promise<Network<DenoiserConfig>>;
  textTower(tower: 1 | 2): Promise<Network<ClipTextConfig>>;
  autoencoder(): Promise<Network<AutoencoderConfig>>;
}

/** The forms of a model that could be opened, and why others could not. */
export interface Sources {
  opened: readonly Source[];
  problems: readonly string[];
}

/**
 * The forms of a model in the folder `at`: as a diffusers folder (in `model/` or right there), as a single file, and
 * one of guided diffusion's blocks under the key names of its public code.
 */
export async function sourcesOf(files: ModelFiles, at: string): Promise<Sources> {
  const has = (path: string) => files.list().includes(at + path);
  const opened: Source[] = [];
  const folder = ['model/', ''].find((prefix) => has(`${prefix}unet/config.json`));
  if (folder !== undefined) {
    const model = at + folder;
    opened.push({
      label: '',
      unet: (variant) => openUnet(files, variant === '' ? `${model}unet` : `${at}unet${variant}`),
      textTower: (tower) => openTextTower(files, `${model}text_encoder${tower === 2 ? '_2' : ''}`),
      autoencoder: () => openAutoencoder(files, model + (has(`${folder}vqvae/config.json`) ? 'vqvae' : 'vae')),
    });
  }
  if (folder === '' && has('unet/config.json')) {
    // Why one does not open is said where its outputs are asked for.
    const unet = await openUnet(files, `${at}unet`).catch(() => undefined);
    const config = unet?.config;
    const asFile =
      unet && config?.kind === 'unet2d' && config.scaleShift ? await underPublicNames({ ...unet, config }) : undefined;
    if (asFile) opened.push({ ...opened[0], label: 'guided diffusion’s names: ', unet: async () => asFile });
  }
  if (!has('single_file.safetensors')) return { opened, problems: [] };
  try {
    const checkpoint = await openSingleFile(files, `${at}single_file.safetensors`);
    opened.push({
      label: opened.length === 0 ? '' : 'single_file: ',
      unet: async () => checkpoint.unet,
      textTower: async (tower) => checkpoint.textTowers[tower - 1],
      autoencoder: async () => checkpoint.autoencoder,
    });
  } catch (thrown) {
    return { opened, problems: [whyNotOpened(thrown)] };
  }
  return { opened, problems: [] };
}

/** A network from a file of its weights renamed, which is told the flags that its file does not say. */
async function underPublicNames({
  config,
  weights,
}: Network<Unet2dConfig>): Promise<Network<Unet2dConfig> | undefined> {
  const { layers, headWidth, groups, sampleSize: side } = config;
  if (headWidth === undefined || groups === undefined) return undefined;
  const tensors = new Map<string, RawTensor>();
  for (const [key, { dtype, shape }] of weights.entries)
    tensors.set(key, { dtype: dtype as RawTensor['dtype'], shape, bytes: await weights.read(key) });
  const file = memoryFiles('renamed', { 'renamed.safetensors': safetensorsFile(asPublished(tensors, { layers, headWidth })) }); // biome-ignore format: one line
  return readGuidedDiffusion(await openFile(file, 'renamed.safetensors'), { heads: { width: headWidth }, groups, side }).unet; // biome-ignore format: one line
}

/** The sentence of what Easel does not open (yet). @throws what was thrown for any other reason */
export function whyNotOpened(thrown: unknown): string {
  if (thrown instanceof EaselError && (thrown.code === 'unsupported' || thrown.code === 'corrupt'))
    return thrown.message;
  throw thrown;
}
