import { EaselError } from '../../core/errors';
import type { ModelFiles } from './model-files';

/**
 * The JSON object in one of a model's files, its fields unchecked.
 * @throws EaselError `corrupt` naming the file where it holds anything else
 */
export async function readJson(files: ModelFiles, path: string): Promise<Record<string, unknown>> {
  const text = new TextDecoder().decode(await files.read(path));
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  } catch {
    // reported below, with the file's name
  }
  throw new EaselError('corrupt', `${path} is not a JSON object.`);
}
