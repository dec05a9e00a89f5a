import { buildUpscaler } from '../../model/graph/upscaler';
import { readUpscaler } from '../../model/layouts/upscaler-file';
import { createSession } from '../../model/runtime/session';
import { upscaleWith } from '../../model/runtime/upscaler';
import { bindWeights } from '../../model/weights/bind';
import { openFile } from '../../model/weights/state-dict';
import { type Comparison, relativeError } from './expected';
import { dialectOf, type Surroundings, using } from './networks';

/** The files that hold one upscaler: `NAME.safetensors`, `NAME.pth`, and the same under other names of the tensors. */
export function upscalerFiles({ files, at }: Pick<Surroundings, 'files' | 'at'>, name: string): string[] {
  const isOne = (path: string) => /^(_old_names)?\.(safetensors|pth)$/.test(path.slice(at.length + name.length));
  return files.list().filter((path) => path.startsWith(at + name) && isOne(path));
}

/** Compares an upscaler, once for each form of its file; the larger error counts. */
export async function compareUpscaler(place: Surroundings, name: string): Promise<Comparison[]> {
  const { files, expected, device, tolerance } = place;
  const image = await expected.floats('image');
  const [, , height, width] = expected.shape('image');
  const output = `${name}.out`;
  const wanted = await expected.floats(output);
  let error = 0;
  for (const path of upscalerFiles(place, name)) {
    const { config, weights } = readUpscaler(await openFile(files, path));
    const graph = buildUpscaler(config, dialectOf(place));
    const session = createSession(graph, bindWeights([graph], weights, path), device);
    const upscaled = await using(session, (opened) => upscaleWith(opened)(image, height, width));
    error = Math.max(error, relativeError(upscaled, wanted));
  }
  return [{ name: output, kind: 'compared', error, tolerance }];
}
