import { EaselError, said } from '../../core/errors';
import { hasTwoTowers, isPack } from '../layouts/onnx-pack';
import type { ChosenDevice } from '../runtime/device';
import { openTokenizer } from '../runtime/tokenizer';
import type { ModelFiles } from '../weights/model-files';
import type { Checkpoint, CheckpointOptions } from './checkpoint';
import { openCheckpoint } from './open-checkpoint';
import { packModel } from './pack-model';
import { type PaintingModel, paintingModel, type StartOptions, type Tokenizers } from './painting-model';

export type LoadStage = 'read-model' | 'create-sessions';

export interface LoadOptions extends CheckpointOptions, StartOptions {
  /** Files with a `tokenizer/` folder that holds CLIP's vocabulary: single-file checkpoints have none of their own. */
  vocabulary?: ModelFiles;
}

/**
 * Opens a model on a device: a diffusers folder (with a model_index.json), one .safetensors checkpoint in the original
 * layout, or an ONNX pack in Optimum's layout.
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
  return paintingModel(checkpoint, await tokenizersOf(files, checkpoint, options), device, starting, options);
}

/** What a model cuts text into that no text enters. */
const NO_WORDS: Tokenizers = { tokenizer: { encode: () => [], bos: 0, eos: 0, pad: 0 } };

async function tokenizersOf(
  files: ModelFiles,
  checkpoint: Checkpoint,
  { vocabulary }: LoadOptions,
): Promise<Tokenizers> {
  if (checkpoint.textTowers.length === 0) return NO_WORDS;
  return files.list().includes('model_index.json')
    ? folderTokenizers(files, checkpoint.textTowers.length > 1)
    : clipTokenizers(vocabulary, checkpoint);
}

async function folderTokenizers(files: ModelFiles, twoTowers: boolean): Promise<Tokenizers> {
  const tokenizer = await openTokenizer(files);
  const secondPad = twoTowers ? (await openTokenizer(files, 'tokenizer_2')).pad : undefined;
  return { tokenizer, secondPad };
}

/**
 * OpenCLIP's towers, SD 2.x's and SDXL's second, were trained with zeros after the end token; OpenAI's with end tokens.
 */
const OPEN_CLIP_PAD = 0;

async function clipTokenizers(vocabulary: ModelFiles | undefined, checkpoint: Checkpoint): Promise<Tokenizers> {
  const { architecture, textTowers } = checkpoint;
  if (!vocabulary) throw new EaselError('internal', said`A single-file checkpoint needs a CLIP vocabulary beside it.`);
  const tokenizer = await openTokenizer(vocabulary);
  for (const { name, config } of textTowers) {
    if (tokenizer.eos < config.vocabulary) continue;
    const message = said`${name}: the text encoder knows ${config.vocabulary} tokens, CLIP's vocabulary goes up to ${tokenizer.eos}.`;
    throw new EaselError('unsupported', message);
  }
  const [pad, secondPad] = architecture.originalTowers.map(({ naming }) =>
    naming === 'openClip' ? OPEN_CLIP_PAD : tokenizer.eos,
  );
  return { tokenizer: { ...tokenizer, pad }, secondPad };
}
