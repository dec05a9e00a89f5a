import { timestepAngles } from './timestep-features';

/**
 * The layers as their formulas, in float64 and nothing but loops: what the tests of the graphs compare with. Arrays are
 * row-major; feature maps are [batch, channels, height, width], tokens [batch, count, channels].
 */
export interface Tensor {
  readonly values: Float64Array;
  readonly dims: readonly number[];
}

export function tensor(values: ArrayLike<number>, dims: readonly number[]): Tensor {
  return { values: Float64Array.from(values), dims };
}

function map({ values, dims }: Tensor, f: (value: number, i: number) => number): Tensor {
  return { values: values.map(f), dims };
}

/** a + b, of one shape. */
export const add = (a: Tensor, b: Tensor): Tensor => map(a, (value, i) => value + b.values[i]);

/** a + b, b [1, channels] being added to every pixel of a feature map. */
export function addPerChannel(a: Tensor, b: Tensor): Tensor {
  const [, channels, height, width] = a.dims;
  return map(a, (value, i) => value + b.values[Math.floor(i / (height * width)) % channels]);
}

/**
 * erf(x) = 2 / sqrt(pi) exp(-x^2) sum over n of 2^n x^(2n+1) / (2n+1)!! (Abramowitz and Stegun 7.1.6): no term cancels.
 */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** x where it is positive, else `slope` x. */
export const leakyRelu = (x: Tensor, slope: number): Tensor => map(x, (value) => (value >= 0 ? value : slope * value));

/** x sigmoid(alpha x): SiLU at alpha 1, OpenAI's GELU at 1.702. */
export const sigmoidLinear = (x: Tensor, alpha: number): Tensor =>
  map(x, (value) => value / (1 + Math.exp(-alpha * value)));

/** x Phi(x), Phi the normal distribution function (Hendrycks and Gimpel 2016). */
export const gelu = (x: Tensor): Tensor => map(x, (value) => (value * (1 + erf(value / Math.SQRT2))) / 2);

/** x W^T + b on the last axis; W is [to, from]. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [to, from] = weight.dims;
  const rows = x.values.length / from;
  const values = new Float64Array(rows * to);
  for (let row = 0; row < rows; row++) {
    for (let o = 0; o < to; o++) {
      let sum = bias ? bias.values[o] : 0;
      for (let i = 0; i < from; i++) sum += x.values[row * from + i] * weight.values[o * from + i];
      values[row * to + o] = sum;
    }
  }
  return { values, dims: [...x.dims.slice(0, -1), to] };
}

/** A convolution; `pads` are rows and columns of zeros, [top, left, bottom, right]. */
export function conv(x: Tensor, weight: Tensor, bias: Tensor, stride: number, pads: readonly number[]): Tensor {
  const [batch, from, height, width] = x.dims;
  const [to, , size] = weight.dims;
  const [top, left, bottom, right] = pads;
  const rows = Math.floor((height + top + bottom - size) / stride) + 1;
  const columns = Math.floor((width + left + right - size) / stride) + 1;
  const values: number[] = [];
  for (let b = 0; b < batch; b++) {
    for (let o = 0; o < to; o++) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          let sum = bias.values[o];
          for (let i = 0; i < from; i++) {
            for (let ky = 0; ky < size; ky++) {
              for (let kx = 0; kx < size; kx++) {
                const [y, z] = [row * stride + ky - top, column * stride + kx - left];
                if (y < 0 || y >= height || z < 0 || z >= width) continue;
                const pixel = x.values[((b * from + i) * height + y) * width + z];
                sum += pixel * weight.values[((o * from + i) * size + ky) * size + kx];
              }
            }
          }
          values.push(sum);
        }
      }
    }
  }
  return tensor(values, [batch, to, rows, columns]);
}

/** (x - mean) / sqrt(variance + epsilon) over each run of `length` numbers. */
function normalise(x: Tensor, length: number, epsilon: number): Tensor {
  const values = new Float64Array(x.values.length);
  for (let at = 0; at < values.length; at += length) {
    const run = x.values.subarray(at, at + length);
    const mean = run.reduce((sum, value) => sum + value, 0) / length;
    const variance = run.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length;
    for (let i = 0; i < length; i++) values[at + i] = (run[i] - mean) / Math.sqrt(variance + epsilon);
  }
  return { values, dims: x.dims };
}

/** Group normalisation (Wu and He 2018) of a feature map, with a scale and a shift per channel. */
export function groupNorm(x: Tensor, groups: number, weight: Tensor, bias: Tensor, epsilon: number): Tensor {
  const [, channels, height, width] = x.dims;
  const area = height * width;
  const normal = normalise(x, (channels / groups) * area, epsilon);
  return map(normal, (value, i) => {
    const channel = Math.floor(i / area) % channels;
    return value * weight.values[channel] + bias.values[channel];
  });
}

/** Layer normalisation (Ba et al. 2016) over the last axis. */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): Tensor {
  const channels = weight.values.length;
  return map(
    normalise(x, channels, epsilon),
    (value, i) => value * weight.values[i % channels] + bias.values[i % channels],
  );
}

/**
 * softmax(Q K^T / sqrt(d) + bias) V with `heads` heads of width d (Vaswani et al. 2017); `bias` is [queries, keys], for
 * every head.
 */
export function attention(query: Tensor, key: Tensor, value: Tensor, heads: number, bias?: Tensor): Tensor {
  const [batch, queries, channels] = query.dims;
  const keys = key.dims[1];
  const width = channels / heads;
  const values = new Float64Array(batch * queries * channels);
  for (let b = 0; b < batch; b++) {
    for (let head = 0; head < heads; head++) {
      for (let q = 0; q < queries; q++) {
        const at = (b * queries + q) * channels + head * width;
        const keyAt = (k: number) => (b * keys + k) * channels + head * width;
        const scores = Array.from({ length: keys }, (_, k) => {
          let dot = 0;
          for (let i = 0; i < width; i++) dot += query.values[at + i] * key.values[keyAt(k) + i];
          return dot / Math.sqrt(width) + (bias ? bias.values[q * keys + k] : 0);
        });
        const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
        const total = powers.reduce((sum, power) => sum + power, 0);
        for (let i = 0; i < width; i++) {
          values[at + i] = powers.reduce((sum, power, k) => sum + (power / total) * value.values[keyAt(k) + i], 0);
        }
      }
    }
  }
  return { values, dims: query.dims };
}

/** GEGLU (Shazeer 2020): the first half of a linear layer times the GELU of its second half. */
export function geglu(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const both = linear(x, weight, bias);
  const to = weight.dims[0] / 2;
  const part = (from: number) =>
    tensor(
      both.values.filter((_, i) => Math.floor((i % (2 * to)) / to) === from),
      [...x.dims.slice(0, -1), to],
    );
  const gate = gelu(part(1));
  return map(part(0), (value, i) => value * gate.values[i]);
}

/** Nearest neighbour: pixel (y, x) of the result is pixel (floor(y h / height), floor(x w / width)) of [.., h, w]. */
export function resizeNearest(x: Tensor, height: number, width: number): Tensor {
  const [batch, channels, h, w] = x.dims;
  const values: number[] = [];
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const [y, z] = [Math.floor((row * h) / height), Math.floor((column * w) / width)];
        values.push(x.values[(plane * h + y) * w + z]);
      }
    }
  }
  return tensor(values, [batch, channels, height, width]);
}

/**
 * A map made half or twice as large behind the filter (1, 3, 3, 1) (StyleGAN 2's upfirdn2d): zeros between the values
 * and around them, the filter of sum 1, doubled in each direction where there are zeros between, then every value or
 * every other one.
 */
export function resizeFir(x: Tensor, to: 'half' | 'double'): Tensor {
  const taps = [1 / 8, 3 / 8, 3 / 8, 1 / 8];
  const [batch, channels, h, w] = x.dims;
  const [up, down, before] = to === 'half' ? [1, 2, 1] : [2, 1, 2];
  const at = (plane: number, y: number, z: number) => {
    const between = y % up !== 0 || z % up !== 0;
    const [row, column] = [y / up, z / up];
    if (between || row < 0 || row >= h || column < 0 || column >= w) return 0;
    return x.values[(plane * h + row) * w + column] * up * up;
  };
  const [height, width] = [(h * up) / down, (w * up) / down];
  const values: number[] = [];
  for (let plane = 0; plane < batch * channels; plane++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        let sum = 0;
        for (const [i, a] of taps.entries())
          for (const [j, b] of taps.entries())
            sum += a * b * at(plane, row * down + i - before, column * down + j - before);
        values.push(sum);
      }
  return tensor(values, [batch, channels, height, width]);
}

/** Each square of four cells as their mean. */
export function halveMean(x: Tensor): Tensor {
  const [batch, channels, h, w] = x.dims;
  const values: number[] = [];
  for (let plane = 0; plane < batch * channels; plane++)
    for (let row = 0; row < h / 2; row++)
      for (let column = 0; column < w / 2; column++) {
        const at = (plane * h + 2 * row) * w + 2 * column;
        values.push((x.values[at] + x.values[at + 1] + x.values[at + w] + x.values[at + w + 1]) / 4);
      }
  return tensor(values, [batch, channels, h / 2, w / 2]);
}

/** x (1 + scale) + shift, both [1, channels] in one row. */
export function scaleAndShift(x: Tensor, row: Tensor): Tensor {
  const [, channels, height, width] = x.dims;
  return map(x, (value, i) => {
    const c = Math.floor(i / (height * width)) % channels;
    return value * (1 + row.values[c]) + row.values[channels + c];
  });
}

/** Every entry over a number. */
export const divided = (x: Tensor, by: number): Tensor => map(x, (value) => value / by);

/** Swaps the last two axes of [batch, rows, columns]. */
function swap(x: Tensor): Tensor {
  const [batch, rows, columns] = x.dims;
  const values = x.values.map((_, i) => {
    const [b, within] = [Math.floor(i / (rows * columns)), i % (rows * columns)];
    const [column, row] = [Math.floor(within / rows), within % rows];
    return x.values[(b * rows + row) * columns + column];
  });
  return { values, dims: [batch, columns, rows] };
}

/** [batch, channels, height, width] -> [batch, height * width, channels]. */
export function toTokens({ values, dims: [batch, channels, height, width] }: Tensor): Tensor {
  return swap({ values, dims: [batch, channels, height * width] });
}

/** The way back, to the shape of `like`. */
export function toFeatureMap(tokens: Tensor, like: Tensor): Tensor {
  return { values: swap(tokens).values, dims: like.dims };
}

/** As `timestep-features.ts` has them, in float64. */
export function timestepFeatures(timestep: number, channels: number, cosineFirst: boolean, shift: number): Tensor {
  const angles = timestepAngles(timestep, channels / 2, shift);
  const [sines, cosines] = [angles.map(Math.sin), angles.map(Math.cos)];
  return tensor(cosineFirst ? [...cosines, ...sines] : [...sines, ...cosines], [1, channels]);
}
