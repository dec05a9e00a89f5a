import { EaselError } from '../../core/errors';
import { openFolder } from '../layouts/diffusers-folder';
import { openSingleFile } from '../layouts/original-file';
import { pickle } from '../pickle';
import type { ChosenDevice } from '../runtime/device';
import { openTokenizer } from '../runtime/tokenizer';
import type { ModelFiles, PaintingModel } from '../types';
import type { Checkpoint, CheckpointOptions } from './checkpoint';
import { hasTwoTowers, isPack, packModel } from './pack-model';
import { paintingModel, type Tokenizers } from './painting-model';

export type LoadStage = 'read-model' | 'create-sessions';

export interface LoadOptions extends CheckpointOptions {
  /** Files with a `tokenizer/` folder that holds CLIP's vocabulary: single-file checkpoints have none of their own. */
  vocabulary?: ModelFiles;
  /** Ends the load before the next network or tensor. */
  signal?: AbortSignal;
}

/**
 * Opens a model on a device: a diffusers folder (with a model_index.json), one .safetensors checkpoint in the original layout,
 * or an ONNX pack in Optimum's layout.
 * @throws EaselError `corrupt` or `unsupported` naming the file, option or tensor; `out-of-memory`; `device-lost`.
 */
export async function loadModel(
  files: ModelFiles,
  device: ChosenDevice,
  onStage: (stage: LoadStage) => void = () => undefined,
  options: LoadOptions = {},
): Promise<PaintingModel> {
  const { signal } = options;
  signal?.throwIfAborted();
  onStage('read-model');
  const starting = () => onStage('create-sessions');
  if (isPack(files)) {
    const tokenizers = await folderTokenizers(files, hasTwoTowers(files));
    return packModel(files, tokenizers, device, starting, options);
  }
  const checkpoint = await openCheckpoint(files, options);
  const tokenizers = files.list().includes('model_index.json')
    ? await folderTokenizers(files, checkpoint.textTowers.length > 1)
    : await clipTokenizers(options.vocabulary, checkpoint);
  return paintingModel(checkpoint, tokenizers, device, starting, signal);
}

/** The networks of a folder or of the one checkpoint among the files; nothing but headers is read. */
export async function openCheckpoint(files: ModelFiles, options: CheckpointOptions = {}): Promise<Checkpoint> {
  const checkpoint = await openNetworks(files, options);
  refuseOddChannels(checkpoint);
  const { prediction } = options;
  if (prediction === undefined) return checkpoint;
  const scheduler = { ...checkpoint.scheduler, prediction_type: prediction };
  return { ...checkpoint, scheduler, predictionType: prediction, predictionKnown: true };
}

/** Text to image gives the UNet a latent, inpainting a mask and a masked latent more; others want depth maps or pictures. */
function refuseOddChannels({ unet, autoencoder }: Checkpoint): void {
  const { latentChannels } = autoencoder.config;
  const { inChannels } = unet.config;
  if (inChannels === latentChannels || inChannels === 2 * latentChannels + 1) return;
  throw new EaselError(
    'unsupported',
    `${unet.name}: the UNet takes ${inChannels} channels. Easel paints with models that take ${latentChannels}, or ${2 * latentChannels + 1} for inpainting.`,
  );
}

/** Whether a model is a checkpoint of one file, which brings no vocabulary of its own. */
export function isSingleFile(files: ModelFiles): boolean {
  return !files.list().includes('model_index.json') && rootWeights(files).length > 0;
}

function rootWeights(files: ModelFiles): string[] {
  return files.list().filter((path) => !path.includes('/') && path.endsWith('.safetensors'));
}

async function openNetworks(files: ModelFiles, options: CheckpointOptions): Promise<Checkpoint> {
  const paths = files.list();
  if (paths.includes('model_index.json')) return openFolder(files, options);
  const single = rootWeights(files);
  if (single.length === 1) return openSingleFile(files, single[0], options);
  if (single.length > 1) {
    throw new EaselError('bad-request', `"${files.name}" holds ${single.length} checkpoints. Choose one of them.`);
  }
  if (paths.some((path) => /\.(ckpt|pt|pth|bin)$/.test(path))) {
    throw pickle(files.name);
  }
  throw new EaselError(
    'corrupt',
    `"${files.name}" has no model_index.json and no .safetensors checkpoint: it is not a whole model.`,
  );
}

async function folderTokenizers(files: ModelFiles, twoTowers: boolean): Promise<Tokenizers> {
  const tokenizer = await openTokenizer(files);
  const secondPad = twoTowers ? (await openTokenizer(files, 'tokenizer_2')).pad : undefined;
  return { tokenizer, secondPad };
}

/** OpenCLIP's towers, SD 2.x's and SDXL's second, were trained with zeros after the end token; OpenAI's with end tokens. */
const OPEN_CLIP_PAD = 0;

async function clipTokenizers(vocabulary: ModelFiles | undefined, checkpoint: Checkpoint): Promise<Tokenizers> {
  const { family, textTowers } = checkpoint;
  if (!vocabulary) throw new EaselError('internal', 'A single-file checkpoint needs a CLIP vocabulary beside it.');
  const tokenizer = await openTokenizer(vocabulary);
  for (const { name, config } of textTowers) {
    if (tokenizer.eos < config.vocabulary) continue;
    const message = `${name}: the text encoder knows ${config.vocabulary} tokens, CLIP's vocabulary goes up to ${tokenizer.eos}.`;
    throw new EaselError('unsupported', message);
  }
  switch (family) {
    case 'sd1':
      return { tokenizer: { ...tokenizer, pad: tokenizer.eos } };
    case 'sd2':
      return { tokenizer: { ...tokenizer, pad: OPEN_CLIP_PAD } };
    case 'sdxl':
      return { tokenizer: { ...tokenizer, pad: tokenizer.eos }, secondPad: OPEN_CLIP_PAD };
    default:
      family satisfies never;
      throw new EaselError('internal', `Unknown family "${String(family)}".`);
  }
}
