import { EaselError, said } from '../../core/errors';
import type { ModelFiles } from './model-files';

/**
 * What the JSON in one of a model's files stands for, unchecked.
 * @throws EaselError `corrupt` naming the file where it holds anything else
 */
export async function readJson(files: ModelFiles, path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await files.read(path));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EaselError('corrupt', said`${path} is not valid JSON. Download or export the file again.`, { cause });
  }
}
