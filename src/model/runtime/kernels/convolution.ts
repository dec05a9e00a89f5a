import type { LeftOperand, Product } from './tiled-product';

/**
 * A convolution as a matrix product without making its matrix (implicit GEMM; Chetlur et al. 2014, "cuDNN"): a row of A
 * holds what the kernel sees at one pixel of the result, [tap, channel]; B is the kernel [taps x channels, output
 * channels]. Feature maps are [batch, height, width, channels]; the batch is one long column of pixels.
 *
 * A thread always reads at the same distance into a slice, so it keeps its tap and channel as counters and never
 * divides inside the loop; whatever the number of channels, a vector of four lies within one tap.
 */
export function convolution(
  declarations: string,
  half: boolean,
  hasBias: boolean,
  activation: Activation = 'none',
): Product {
  return {
    declarations,
    half,
    rows: '(uniforms.result_shape[0] * uniforms.result_shape[1] * uniforms.result_shape[2])',
    columns4: 'uniforms.w_shape[3]',
    inner: 'uniforms.dim_inner',
    left: PATCHES,
    right: (inner, column4) => `w[${inner} * uniforms.w_shape[3] + ${column4}]`,
    write: (row, column4, value) => `
      let sum = ${value}${hasBias ? ` + vec4<f32>(bias[${column4}])` : ''};
      result[${row} * uniforms.w_shape[3] + ${column4}] = Vector(${ACTIVATED[activation]});`,
  };
}

/** What onnxruntime takes into a convolution that it stands behind. */
export type Activation = 'none' | 'relu' | 'leaky-relu';

const ACTIVATED: Readonly<Record<Activation, string>> = {
  none: 'sum',
  relu: 'max(sum, vec4<f32>(0))',
  'leaky-relu': 'select(f32(uniforms.activation_param_0) * sum, sum, sum >= vec4<f32>(0))',
};

/** In no picture: what adds a tap to it stays outside of every map. */
const OUTSIDE = '-0x1000000i';

const PATCHES: LeftOperand = {
  prepareRow: (slot, row) => `
    let pixel${slot} = ${row};
    let pixelRow${slot} = pixel${slot} / uniforms.result_shape[2];
    let map${slot} = pixelRow${slot} / uniforms.result_shape[1] * uniforms.x_shape[1];
    let top${slot} = select(i32(pixelRow${slot} % uniforms.result_shape[1] * uniforms.strides[0]) - i32(uniforms.pads[0]), ${OUTSIDE},
      map${slot} >= uniforms.x_shape[0] * uniforms.x_shape[1]);
    let left${slot}Edge = i32(pixel${slot} % uniforms.result_shape[2] * uniforms.strides[1]) - i32(uniforms.pads[1]);`,
  prepareInner: (inner4) => `
    var channel4 = ${inner4};
    var tapRow = 0u;
    var tapColumn = 0u;
    ${carry('channel4')}`,
  read: (slot, target) => `{
      let y = top${slot} + i32(tapRow * uniforms.dilations[0]);
      let x0 = left${slot}Edge + i32(tapColumn * uniforms.dilations[1]);
      if (tapRow < uniforms.w_shape[0] && u32(y) < uniforms.x_shape[1] && u32(x0) < uniforms.x_shape[2]) {
        ${target} = x[((map${slot} + u32(y)) * uniforms.x_shape[2] + u32(x0)) * uniforms.x_shape[3] + channel4];
      }
    }`,
  advance: (by4) => `channel4 += ${by4}u; ${carry('channel4')}`,
};

/** Channels beyond the last are those of the next tap. */
function carry(channel4: string): string {
  return `while (${channel4} >= uniforms.x_shape[3]) {
      ${channel4} -= uniforms.x_shape[3];
      tapColumn++;
      if (tapColumn == uniforms.w_shape[1]) { tapColumn = 0u; tapRow++; }
    }`;
}
