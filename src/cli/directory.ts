import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { EaselError, said } from '../core/errors';
import { WEIGHTS_FILE } from '../core/file-kinds';
import type { ModelFiles } from '../model/weights/model-files';

/** A model on this machine: a folder, or one file of weights. */
export async function openModelPath(path: string): Promise<ModelFiles> {
  if (!WEIGHTS_FILE.test(path)) return openDirectory(path);
  const size = await stat(path).then(({ size }) => size, () => undefined); // biome-ignore format: one thought
  if (size === undefined) throw new EaselError('bad-request', said`There is no file ${path}.`);
  return filesIn(dirname(path), basename(path).replace(WEIGHTS_FILE, ''), new Map([[basename(path), size]]));
}

/**
 * A folder on this machine as a model's files.
 * @throws EaselError `bad-request` when there is no such folder.
 */
export async function openDirectory(directory: string): Promise<ModelFiles> {
  const sizes = new Map<string, number>();
  const names = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => {
    throw new EaselError('bad-request', said`There is no folder ${directory}.`);
  });
  for (const entry of names) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    sizes.set(relative(directory, path).split(sep).join('/'), (await stat(path)).size);
  }
  return filesIn(directory, basename(directory), sizes);
}

function filesIn(directory: string, name: string, sizes: ReadonlyMap<string, number>): ModelFiles {
  const sizeOf = (path: string) => {
    const size = sizes.get(path);
    if (size === undefined) throw new EaselError('corrupt', said`The model folder lacks ${path}.`);
    return size;
  };
  return {
    name,
    list: () => [...sizes.keys()],
    size: sizeOf,
    async read(path, start = 0, end = sizeOf(path)) {
      const bytes = new Uint8Array(end - start);
      const file = await open(join(directory, path));
      try {
        let done = 0;
        while (done < bytes.length) {
          const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done);
          if (bytesRead === 0) throw new EaselError('corrupt', said`${path} ends before byte ${end}.`);
          done += bytesRead;
        }
      } finally {
        await file.close();
      }
      return bytes;
    },
  };
}
