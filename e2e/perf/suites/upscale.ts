import { spoken } from '../../../src/core/errors';
import type { Size } from '../../../src/core/image/picture';
import { parseRequest } from '../../../src/core/request/request';
import { createEngineClient } from '../../../src/engine/client';
import { folderFiles } from '../../../src/engine/model-source';
import { openUpscaler } from '../../../src/model/running/running-upscaler';
import { chooseDevice } from '../../../src/model/runtime/device';
import { withOwnKernels } from '../../../src/model/runtime/kernels/probe';
import { loadOrt } from '../../../src/model/runtime/ort';
import { keep, median, prepared, preparedFloats, type Suite, type SuiteOptions, spawnEngine } from '../page';

/** What prepare.py says: a picture, PyTorch's float32 output of all of it, and PyTorch's times in milliseconds. */
interface Prepared {
  width: number;
  height: number;
  image: string;
  output: string;
  torch: Readonly<Partial<Record<string, number>>>;
}

const STEPS = 20;

/** An upscaler in tiles, and a hires fix of Stable Diffusion 1.5's shape, beside PyTorch's times of the same run. */
export const upscale: Suite = async (options) => {
  const { image, output, torch, ...size }: Prepared = await (await prepared('upscale.json')).json();
  const upscaler = await timeUpscaler(options, size, await preparedFloats(image), await preparedFloats(output));
  const hires = await timeHires(options);
  const { 'unet 512': small, 'unet 1024': large, 'decoder 1024': decoder } = torch;
  const torchMs = small && large && decoder && STEPS * (small + large) + decoder;
  return { ...upscaler, torch, hires: { ...hires, torchMs } };
};

async function timeUpscaler(
  { device, kernels, tiny }: SuiteOptions,
  picture: Size,
  image: Float32Array,
  want: Float32Array,
) {
  const { threads } = await loadOrt();
  const on = await withOwnKernels(await chooseDevice(device, threads), kernels);
  const path = 'upscaler.safetensors';
  const files = folderFiles('prepared', [{ path, file: await (await prepared(path)).blob() }]);
  const network = await openUpscaler(files, path, on);
  const times: number[] = [];
  let [difference, size] = [0, 0];
  for (let i = 0; i < (tiny ? 2 : 6); i++) {
    [difference, size] = [0, 0];
    const from = performance.now();
    await network.enlarge(image, picture, ({ rows, first, count, of }) => {
      const [line, plane] = [rows.length / 3 / count, (rows.length / 3 / count) * of];
      for (let c = 0; c < 3; c++)
        for (let at = 0; at < count * line; at++) {
          const wanted = want[c * plane + first * line + at];
          difference += (rows[c * count * line + at] - wanted) ** 2;
          size += wanted ** 2;
        }
    });
    times.push(performance.now() - from);
  }
  const notes = network.takeNotes().map((note) => spoken(note));
  await network.release();
  const [firstMs, ...later] = times;
  const figures = { firstMs, medianMs: median(later), relativeError: Math.sqrt(difference / size), notes };
  return { device: on.report, upscaler: figures };
}

/** Through the page's own worker, twice: the second picture finds everything compiled. */
async function timeHires({ device, kernels, tiny, files: [file] }: SuiteOptions) {
  if (!file) return undefined;
  const client = createEngineClient(spawnEngine, document.baseURI);
  try {
    const source = { kind: 'folder', name: file.name, files: [{ path: file.name, file }] } as const;
    await client.load({ source, device, kernels, vocabulary: '/models/clip/' });
    const side = tiny ? 64 : 512;
    const steps = tiny ? 2 : STEPS;
    const request = parseRequest({
      prompt: 'a red apple',
      seed: 7,
      sampler: 'ddim',
      steps,
      width: side,
      height: side,
      hires: true,
    });
    const pictures: object[] = [];
    for (let i = 0; i < 2; i++)
      await client.generate(request, undefined, (event) => {
        if (event.type !== 'picture') return;
        pictures.push(event.picture.timings);
        void keep('out', 'hires.png', event.picture.png);
      });
    return { first: pictures[0], second: pictures[1] };
  } finally {
    client.dispose();
  }
}
