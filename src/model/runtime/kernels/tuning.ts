import { matrixProduct } from './matrix-product';
import { createPassTimer } from './pass-timer';
import { sourceOf } from './tiled-product';
import { chooseTiling, type Tiling, tileCount, tilingsFor } from './tiling';
import { packUniforms } from './uniforms';

/** Until a device was measured: what keeps a large card busy (an H200 with 132 multiprocessors). */
export const ENOUGH_TILES = 640;

const CANDIDATES = [40, 80, 160, 320, ENOUGH_TILES, 1280];

/**
 * Results as Stable Diffusion 1.5's layers have them, on its three largest maps, with an inner dimension that is soon
 * done.
 */
const SIZES = [
  { rows: 8192, columns: 320, inner: 640 },
  { rows: 2048, columns: 640, inner: 640 },
  { rows: 512, columns: 1280, inner: 640 },
];
/** Dispatches that are timed together, since browsers round time stamps to 0.1 ms. */
const REPEATS = 8;

const DECLARATIONS = `@group(0) @binding(0) var<storage, read> a: array<Matrix>;
@group(0) @binding(1) var<storage, read> b: array<Matrix>;
@group(0) @binding(2) var<storage, read_write> output: array<Matrix>;
struct Uniforms {
  output_shape: vec2<u32>,
  dim_b_outer: u32,
  dim_inner: u32
};
@group(0) @binding(3) var<uniform> uniforms: Uniforms;`;

/**
 * Times each tiling on a few products and gives the number of tiles from which on a tiling pays: about 0.2 s with the
 * compiling.
 * @param half in float16, as the model will run
 */
export async function measureEnoughTiles(device: GPUDevice, half: boolean): Promise<number> {
  const declarations = `${DECLARATIONS}\nalias Matrix = vec4<${half ? 'f16' : 'f32'}>;`;
  const product = matrixProduct(declarations, half, 2, 'none');
  const tilings = tilingsFor(device.limits, half);
  const pipelines = await Promise.all(
    tilings.map((tiling) => {
      const module = device.createShaderModule({ code: sourceOf(product, tiling) });
      return device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
    }),
  );
  const timer = createPassTimer(device);
  const times: Map<Tiling, number>[] = [];
  for (const size of SIZES) {
    const { bind, end } = buffersOf(device, size, half);
    const row = new Map<Tiling, number>();
    for (const [i, tiling] of tilings.entries()) {
      const tiles = tileCount(tiling, size.rows, size.columns);
      const group = bind(pipelines[i]);
      const time = () =>
        timer.time((pass) => {
          pass.setPipeline(pipelines[i]);
          pass.setBindGroup(0, group);
          for (let repeat = 0; repeat < REPEATS; repeat++) pass.dispatchWorkgroups(tiles);
        });
      await time(); // the first run of a pipeline waits for the driver
      row.set(tiling, await time());
    }
    end();
    times.push(row);
  }
  timer.end();
  const total = (enough: number) =>
    SIZES.reduce((sum, { rows, columns }, i) => sum + times[i].get(chooseTiling(tilings, rows, columns, enough))!, 0);
  return CANDIDATES.reduce((best, enough) => (total(enough) < total(best) ? enough : best));
}

/** A product's matrices and uniforms, whatever numbers are in them. */
function buffersOf(device: GPUDevice, { rows, columns, inner }: (typeof SIZES)[number], half: boolean) {
  const packed = packUniforms(DECLARATIONS, {
    output_shape: [rows, columns / 4],
    dim_b_outer: columns,
    dim_inner: inner,
  });
  const uniforms = device.createBuffer({
    size: packed.byteLength,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(uniforms, 0, packed);
  const matrices = [rows * inner, inner * columns, rows * columns].map((elements) =>
    device.createBuffer({ size: elements * (half ? 2 : 4), usage: GPUBufferUsage.STORAGE }),
  );
  const buffers = [...matrices, uniforms];
  return {
    bind: (pipeline: GPUComputePipeline) =>
      device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
      }),
    end() {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}
