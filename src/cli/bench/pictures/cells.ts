import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { InputImage } from '../../../core/image/picture';
import { type GenerationRequest, parseRequest } from '../../../core/request/request';
import { loadModel } from '../../../model/running/load';
import { chooseDevice } from '../../../model/runtime/device';
import { loadOrt } from '../../../model/runtime/ort';
import { paint } from '../../../pipeline/generate';
import { encodePicture } from '../../../pipeline/picture';
import { openDirectory } from '../../directory';

/**
 * Paints with the starter into files of a folder; what is there already is not painted again, so that a long run can go
 * on.
 */
export async function openCells(folder: string) {
  await mkdir(folder, { recursive: true });
  const { threads } = await loadOrt(Math.min(8, availableParallelism()));
  const model = await loadModel(await openDirectory('models/starter'), await chooseDevice('wasm', threads));
  const pathOf = (name: string) => `${folder}/${name}.png`;
  return {
    pathOf,
    async paint(name: string, fields: Partial<GenerationRequest>, given?: InputImage): Promise<void> {
      const path = pathOf(name);
      const exists = await stat(path).then(() => true, () => false); // biome-ignore format: one thought
      if (exists) return;
      const request = parseRequest({ ...model.info.defaults, ...fields });
      const painted = await paint(model, request, {}, { given });
      await writeFile(`${path}.part`, (await encodePicture(painted, request, model.info)).png);
      await rename(`${path}.part`, path);
      console.log(`${path} ${(painted.timings.totalMs / 1000).toFixed(1)} s`);
    },
    close: () => model.dispose(),
  };
}
