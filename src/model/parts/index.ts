import { EaselError, type Said, said, spoken } from '../../core/errors';
import type { ModelFiles } from '../weights/model-files';
import { openFile, type WeightsFile } from '../weights/state-dict';
import { checkpoint } from './checkpoint';
import { classifier } from './classifier';
import { control } from './control';
import { denoiser } from './denoiser';
import { embedding } from './embedding';
import { imagePrompt } from './image-prompt';
import { lora } from './lora';
import type { FileReport, Part } from './part';
import { textEncoder } from './text-encoder';
import { tinyVae } from './tiny-vae';
import { otherUpscaler, upscaler } from './upscaler';
import { vae } from './vae';

/** All that a file can be. The first one that recognises a file is its kind. */
export const PARTS: readonly Part[] = [
  checkpoint,
  classifier,
  lora,
  vae,
  tinyVae,
  denoiser,
  textEncoder,
  control,
  imagePrompt,
  upscaler,
  otherUpscaler,
  // Last, for a single tensor of any name may be a word.
  embedding,
];

/**
 * What the file is.
 * @throws EaselError `unsupported` where it is nothing that Easel knows.
 */
export function partOf(file: WeightsFile): Part {
  const found = PARTS.find((part) => part.recognise(file).is);
  if (found) return found;
  const [first] = file.dict.entries.keys();
  if (first === undefined) throw new EaselError('unsupported', said`${file.path} holds no tensors: it is not a model.`);
  throw new EaselError('unsupported', said`${file.path} is nothing that Easel knows: its first key is "${first}".`, {
    details: PARTS.map((part) => `${part.kind}: ${spoken(part.recognise(file).because)}`).join('; '),
  });
}

/**
 * What the file is, where it is one of these kinds.
 * @param wanted names them in the error, as `a whole model`
 * @throws EaselError `unsupported` saying what it is instead.
 */
export function expectPart(file: WeightsFile, kinds: readonly string[], wanted: Said): Part {
  const part = partOf(file);
  if (kinds.includes(part.kind)) return part;
  // One that cannot be used says itself what it is.
  part.report(file);
  const details = spoken(part.recognise(file).because);
  throw new EaselError('unsupported', said`${file.path} is ${part.what}, not ${wanted}.`, { details });
}

/**
 * Tells what the one file is; only its header is read, once.
 * @throws EaselError `unsupported` saying what it is instead, `corrupt` for a damaged file.
 */
export async function identifyFile(files: ModelFiles): Promise<FileReport> {
  const file = await openPart(files);
  return partOf(file).report(file);
}

/** Opens the one file, whatever it is. @throws EaselError `unsupported` or `corrupt`, naming it */
export async function openPart(files: ModelFiles): Promise<WeightsFile> {
  const [path] = files.list();
  return openFile(files, path);
}
