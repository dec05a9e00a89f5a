import { EaselError, said } from '../../core/errors';
import type { ModelFiles } from './model-files';

/** A model's files held in memory. */
export function memoryFiles(name: string, contents: Readonly<Record<string, Uint8Array | string>>): ModelFiles {
  const bytes = new Map(
    Object.entries(contents).map(([path, data]) => [
      path,
      typeof data === 'string' ? new TextEncoder().encode(data) : data,
    ]),
  );
  const get = (path: string) => {
    const data = bytes.get(path);
    if (!data) throw new EaselError('corrupt', said`The model lacks ${path}.`);
    return data;
  };
  return {
    name,
    list: () => [...bytes.keys()],
    size: (path) => get(path).byteLength,
    read: async (path, start = 0, end = get(path).byteLength) => get(path).slice(start, end),
  };
}
