import { EaselError, said } from '../../../core/errors';
import type { ModelFiles } from '../../../model/weights/model-files';

/**
 * A folder that `serveFiles` offers at `base`, read range by range.
 * @throws EaselError `offline` when the server has gone, `corrupt` when it refuses a file.
 */
export async function fetchedFiles(base: string): Promise<ModelFiles> {
  const { name, sizes } = (await (await request(`${base}list`)).json()) as {
    name: string;
    sizes: Readonly<Record<string, number>>;
  };
  const sizeOf = (path: string) => {
    if (!Object.hasOwn(sizes, path)) throw new EaselError('corrupt', said`The model folder lacks ${path}.`);
    return sizes[path];
  };
  return {
    name,
    list: () => Object.keys(sizes),
    size: sizeOf,
    async read(path, start = 0, end = sizeOf(path)) {
      const encoded = path.split('/').map(encodeURIComponent).join('/');
      const response = await request(`${base}file/${encoded}?start=${start}&end=${end}`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

async function request(address: string): Promise<Response> {
  const response = await fetch(address).catch((cause) => {
    throw new EaselError('offline', said`${address} cannot be reached.`, { cause });
  });
  if (!response.ok) throw new EaselError('corrupt', said`${await response.text()}`);
  return response;
}
