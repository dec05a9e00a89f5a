/**
 * `npx tsx e2e/perf/shapes.ts FOLDER`: the tensor names and shapes of whole checkpoints in the original layout, as
 * sd15.json and sdxl.json, which prepare.py fills with random numbers; and of narrow ones, for a rehearsal.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { DIALECT, originalFile } from '../../src/model/fixtures/checkpoints';
import type { RawTensor } from '../../src/model/fixtures/random-model';
import { buildAutoencoder } from '../../src/model/graph/autoencoder';
import { buildClipText } from '../../src/model/graph/clip-text';
import type { BuiltGraph } from '../../src/model/graph/types';
import { buildUnet } from '../../src/model/graph/unet';
import { checkpointOf, REAL, type Size, TINY } from './checkpoint-shapes';

const tensorsOf = (...graphs: BuiltGraph[]) =>
  new Map(
    graphs.flatMap(({ weights }) => weights.map(({ key, shape }) => [key, { dtype: 'F16', shape, bytes: new Uint8Array() } as RawTensor])),
  ); // biome-ignore format: one thought

function shapesOf(family: 'sd1' | 'sdxl', size: Size): Record<string, readonly number[]> {
  const { unet, vae, towers } = checkpointOf(family, size);
  const { decoder, encoder } = buildAutoencoder(vae, DIALECT);
  const file = originalFile(
    family,
    { unet, vae },
    {
      unet: tensorsOf(buildUnet(unet, DIALECT)),
      vae: tensorsOf(decoder, encoder),
      towers: towers.map((config) => tensorsOf(buildClipText(config, DIALECT))),
    },
  );
  return Object.fromEntries(Array.from(file, ([key, { shape }]) => [key, shape]));
}

const [folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
for (const [name, family, size] of [
  ['sd15', 'sd1', REAL],
  ['sdxl', 'sdxl', REAL],
  ['sd15-tiny', 'sd1', TINY],
  ['sdxl-tiny', 'sdxl', TINY],
] as const) {
  const shapes = shapesOf(family, size);
  const elements = Object.values(shapes).reduce(
    (sum, shape) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );
  writeFileSync(`${folder}/${name}.json`, JSON.stringify(shapes));
  console.log(`${name}: ${Object.keys(shapes).length} tensors, ${((2 * elements) / 1e9).toFixed(2)} GB in float16`);
}
