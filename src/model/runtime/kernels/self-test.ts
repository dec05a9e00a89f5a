import { type Said, said } from '../../../core/errors';
import { fromHalf, toHalf } from '../../weights/dtypes';
import { HEAD, QUERIES } from './flash-attention';
import { headsOf, isHalf, type Replacement } from './recognise';
import { tileCount, tilingsFor } from './tiling';
import { packUniforms, type UniformValues } from './uniforms';

/** A shader of onnxruntime's and what is to stand in its place. */
export interface ReplacedShader {
  code: string;
  replacement: Replacement;
}

/**
 * How large a trial is: a 3 x 3 convolution's maps, a product's matrices, or an attention's queries, a pixel each, and
 * keys (`outputs`).
 */
export interface TrialSize {
  batch: number;
  height: number;
  width: number;
  channels: number;
  outputs: number;
}

/** Buffers and sizes on which both kernels run: the inputs in the order of their bindings, then the result's length. */
export interface Trial {
  inputs: readonly Float32Array[];
  resultLength: number;
  resultHalf: boolean;
  uniforms: UniformValues;
  /** As onnxruntime dispatches it. */
  dispatch: Dispatch;
  rows: number;
  columns: number;
  /** Multiplications and additions. */
  operations: number;
}

/** What was found of a shader on an adapter holds for every device of it. */
const verdicts = new Map<string, Said | undefined>();

/**
 * Norm of the difference over norm of onnxruntime's, by precision: both add the same numbers in another order, and
 * onnxruntime adds up 288 products in float16, which is off by 4e-4 * sqrt(288). A fault in a kernel shows as 0.1 and
 * more.
 */
const TOLERANCE = { float32: 3e-6, float16: 2e-2 };

/**
 * Runs onnxruntime's shader and ours on the same numbers and compares what they give.
 * @param ours one pipeline, or one for each tiling
 * @param original makes the pipeline of onnxruntime's shader
 * @returns undefined where they agree, else a sentence that says how they do not
 */
export async function selfTest(
  device: GPUDevice,
  shader: ReplacedShader,
  ours: readonly GPUComputePipeline[],
  original: () => Promise<GPUComputePipeline>,
): Promise<Said | undefined> {
  const known = verdicts.has(shader.code);
  if (!known) verdicts.set(shader.code, await compare(device, shader, ours, await original()));
  return verdicts.get(shader.code);
}

async function compare(
  device: GPUDevice,
  { code, replacement }: ReplacedShader,
  ours: readonly GPUComputePipeline[],
  original: GPUComputePipeline,
): Promise<Said | undefined> {
  const half = isHalf(code);
  const trial = trialOf(code, replacement);
  const { run, end } = startTrial(device, code, trial);
  try {
    const want = await run(original, trial.dispatch);
    const tilings = tilingsFor(device.limits, half);
    for (const [i, pipeline] of ours.entries()) {
      const tiles = tileCount(tilings[i], trial.rows, trial.columns);
      const error = relativeError(
        await run(pipeline, replacement.kind === 'product' ? [tiles, 1, 1] : trial.dispatch),
        want,
      );
      const tolerance = half ? TOLERANCE.float16 : TOLERANCE.float32;
      if (!(error <= tolerance)) return said`our kernel is ${error.toExponential(1)} off on this device`;
    }
    return undefined;
  } finally {
    end();
  }
}

/** Norm of the difference over norm of what is wanted. */
export function relativeError(ours: Float32Array, want: Float32Array): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < want.length; i++) {
    difference += (ours[i] - want[i]) ** 2;
    size += want[i] ** 2;
  }
  return Math.sqrt(difference / size);
}

/** Numbers of about -1 to 1, alike on every device. */
function numbers(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    // The "quick and dirty" generator of Numerical Recipes.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Small, and as every form of the shader takes it: those without checks count on multiples of 32. */
function smallSize(replacement: Replacement): TrialSize {
  if (replacement.program === 'FlashAttention') return { batch: 2, height: 9, width: 9, channels: HEAD, outputs: 77 };
  // A form for results of at most eight rows has one row a thread.
  const few = replacement.kind === 'product' && replacement.rowsPerGroup === 8;
  return { batch: 2, height: few ? 2 : 8, width: few ? 4 : 8, channels: 32, outputs: 64 };
}

/** What both kernels are run on. */
export function trialOf(code: string, replacement: Replacement, size = smallSize(replacement)): Trial {
  switch (replacement.program) {
    case 'Conv2dMM':
      return convolutionTrial(code, size, replacement);
    case 'MatMul':
    case 'Gemm':
      return productTrial(code, size, replacement);
    case 'FlashAttention':
      return attentionTrial(code, size);
    case 'GroupNormStats':
      return groupNormTrial(code, size);
    default:
      throw replacement.program satisfies never;
  }
}

/** A 3 x 3 kernel with padding that keeps the size. */
function convolutionTrial(
  code: string,
  { batch, height, width, channels, outputs }: TrialSize,
  replacement: Replacement,
): Trial {
  const pixels = height * width;
  const dispatch = dispatchOf(replacement, pixels, outputs, batch);
  return {
    inputs: [
      numbers(batch * pixels * channels, 1),
      numbers(9 * channels * outputs, 2),
      ...(code.includes('> bias: array<') ? [numbers(outputs, 3)] : []),
    ],
    resultLength: batch * pixels * outputs,
    resultHalf: true,
    uniforms: {
      x_shape: [batch, height, width, channels / 4],
      x_stride: [(pixels * channels) / 4, (width * channels) / 4, channels / 4],
      w_shape: [3, 3, channels, outputs / 4],
      w_stride: [(3 * channels * outputs) / 4, (channels * outputs) / 4, outputs / 4],
      result_shape: [batch, height, width, outputs / 4],
      result_stride: [(pixels * outputs) / 4, (width * outputs) / 4, outputs / 4],
      dim_a_outer: pixels,
      dim_b_outer: outputs,
      dim_inner: 9 * channels,
      pads: [1, 1, 1, 1],
      strides: [1, 1],
      dilations: [1, 1],
      activation_param_0: 0.2,
      ...logical(dispatch),
    },
    dispatch,
    rows: batch * pixels,
    columns: outputs,
    operations: 2 * batch * pixels * outputs * 9 * channels,
  };
}

/** [pixels of all maps, channels] times [channels, outputs]. */
function productTrial(
  code: string,
  { batch, height, width, channels: inner, outputs: columns }: TrialSize,
  replacement: Replacement,
): Trial {
  // The form for few rows takes those of one map.
  const rows = height * width <= 8 ? height * width : batch * height * width;
  const dispatch = dispatchOf(replacement, rows, columns, 1);
  const stacked = (name: string) => code.includes(`${name}_shape: vec3`);
  const shape = (name: string, columns4: number) => (stacked(name) ? [1, rows, columns4] : [rows, columns4]);
  const stride = (name: string, columns4: number) => (stacked(name) ? [rows * columns4, columns4] : columns4);
  return {
    inputs: [
      numbers(rows * inner, 1),
      numbers(inner * columns, 2),
      ...(/> (bias|c): array</.test(code) ? [numbers(columns, 3)] : []),
    ],
    resultLength: rows * columns,
    resultHalf: true,
    uniforms: {
      a_shape: shape('a', inner / 4),
      a_stride: stride('a', inner / 4),
      b_shape: [inner, columns / 4],
      b_stride: columns / 4,
      c_shape: columns / 4,
      output_shape: shape('output', columns / 4),
      output_stride: stride('output', columns / 4),
      batch_dims_shape: 1,
      alpha: 1,
      beta: 1,
      dim_a_outer: rows,
      dim_b_outer: columns,
      dim_inner: inner,
      splits_per_batch: 1,
      ...logical(dispatch),
    },
    dispatch,
    rows,
    columns,
    operations: 2 * rows * columns * inner,
  };
}

/** Scores of about -10 to 10: some keys count, and most of a long row does not. */
function attentionTrial(code: string, { batch, height, width, channels, outputs: keys }: TrialSize): Trial {
  const heads = headsOf(code);
  const queries = height * width;
  const tiles = Math.ceil(queries / QUERIES);
  return {
    inputs: [
      numbers(batch * queries * heads * channels, 1).map((value) => 8 * value),
      numbers(batch * heads * keys * channels, 2),
      numbers(batch * heads * keys * channels, 3),
    ],
    resultLength: batch * queries * heads * channels,
    resultHalf: true,
    uniforms: {
      new_sequence_length: queries,
      total_sequence_length: keys,
      present_sequence_length: keys,
      batch_size: batch,
      n_reps: 1,
      alpha: channels ** -0.5,
      num_seq_tile: tiles,
      attn_bias_dim0: 0,
      attn_bias_dim1: 0,
      attn_bias_dim3: 0,
      local_window_size: 0,
    },
    dispatch: [batch * heads * tiles, 1, 1],
    rows: 0,
    columns: 0,
    operations: 4 * batch * heads * queries * keys * channels,
  };
}

/** Four groups, around a mean that is not zero. */
function groupNormTrial(code: string, { batch, height, width, channels }: TrialSize): Trial {
  const groups = 4;
  const vectors = channels / (code.includes(' x: array<vec2<') ? 2 : 4);
  const pixels = height * width;
  return {
    inputs: [numbers(batch * pixels * channels, 1).map((value) => value + 1)],
    resultLength: 2 * batch * groups,
    resultHalf: false,
    uniforms: { hw: pixels, c_comp: vectors, cg_comp: vectors / groups, groups, epsilon: 1e-5 },
    dispatch: [batch * groups, 1, 1],
    rows: 0,
    columns: 0,
    operations: 4 * batch * pixels * channels,
  };
}

type Dispatch = readonly [x: number, y: number, z: number];

/** As onnxruntime dispatches its own kernel. */
function dispatchOf(replacement: Replacement, rows: number, columns: number, batch: number): Dispatch {
  if (replacement.kind !== 'product') return [1, 1, 1];
  const { rowsPerGroup, columnsPerGroup } = replacement;
  return [Math.ceil(columns / columnsPerGroup), Math.ceil(rows / rowsPerGroup), batch];
}

const logical = ([x, y, z]: Dispatch): UniformValues => ({
  logical_dispatch_x: x,
  logical_dispatch_y: y,
  logical_dispatch_z: z,
});

/** Puts a trial's numbers on the device; pipelines then run on them one after the other. */
export function startTrial(device: GPUDevice, code: string, { inputs, resultLength, resultHalf, uniforms }: Trial) {
  const half = isHalf(code);
  const halfResult = half && resultHalf;
  const size = resultLength * (halfResult ? 2 : 4);
  const filled = (bytes: ArrayBuffer | ArrayBufferView<ArrayBuffer>, usage: number): GPUBuffer => {
    const buffer = device.createBuffer({ size: bytes.byteLength, usage: usage | GPUBufferUsage.COPY_DST });
    device.queue.writeBuffer(buffer, 0, bytes);
    return buffer;
  };
  const stored = inputs.map((data) =>
    filled((half ? toHalf(data) : data) as Uint16Array<ArrayBuffer>, GPUBufferUsage.STORAGE),
  );
  const result = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const back = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const bound = [...stored, result, filled(packUniforms(code, uniforms), GPUBufferUsage.UNIFORM)];
  const entries = bound.map((buffer, binding) => ({ binding, resource: { buffer } }));

  const encode = (pass: GPUComputePassEncoder, pipeline: GPUComputePipeline, dispatch: Dispatch): void => {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(...dispatch);
  };
  return {
    encode,
    /** Runs a pipeline and reads the result. */
    async run(pipeline: GPUComputePipeline, dispatch: Dispatch): Promise<Float32Array> {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      encode(pass, pipeline, dispatch);
      pass.end();
      encoder.copyBufferToBuffer(result, 0, back, 0, size);
      device.queue.submit([encoder.finish()]);
      await back.mapAsync(GPUMapMode.READ);
      const bytes = back.getMappedRange().slice(0);
      back.unmap();
      return halfResult ? fromHalf(new Uint16Array(bytes)) : new Float32Array(bytes);
    },
    end(): void {
      for (const buffer of [...bound, back]) buffer.destroy();
    },
  };
}
