/**
 * Seeded normal noise, number for number as other tools draw it, so that a seed means the same picture everywhere.
 * `cpu` is torch's CPU generator (ComfyUI, diffusers, A1111's "CPU"); `nv` is the CUDA generator (A1111's default on NVIDIA).
 */
export type NoiseKind = 'cpu' | 'nv';

/** A generator in mid-stream: each call draws the next `n` standard normal numbers, as `torch.randn(n)` would. */
export type NormalGenerator = (n: number) => Float32Array;

/** @param seed 0 .. 2^32 - 1 */
export function seededNormal(seed: number, kind: NoiseKind = 'cpu'): NormalGenerator {
  switch (kind) {
    case 'cpu':
      return torchNormal(seed);
    case 'nv':
      return philoxNormal(seed);
    default:
      kind satisfies never;
      throw new RangeError(`Unknown noise "${String(kind)}".`);
  }
}

/** The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), initialised by its `init_genrand`. Draws 32 bits a call. */
export function mersenneTwister(seed: number): () => number {
  const size = 624;
  const state = new Uint32Array(size);
  state[0] = seed;
  for (let i = 1; i < size; i++) {
    const previous = state[i - 1] ^ (state[i - 1] >>> 30);
    state[i] = Math.imul(1812433253, previous) + i;
  }
  let next = size;
  const twist = () => {
    for (let i = 0; i < size; i++) {
      const bits = (state[i] & 0x80000000) | (state[(i + 1) % size] & 0x7fffffff);
      state[i] = state[(i + 397) % size] ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
    }
    next = 0;
  };
  return () => {
    if (next === size) twist();
    let y = state[next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

/**
 * torch.randn on a CPU generator. 16 numbers and more are filled with 24-bit uniforms, then turned into normals in blocks of
 * 16 by Box-Muller, a last incomplete block being drawn anew over the final 16; fewer are drawn in pairs in double precision,
 * the second of a pair being kept for the next draw.
 */
function torchNormal(seed: number): NormalGenerator {
  const draw = mersenneTwister(seed);
  const uniform24 = () => (draw() & 0xffffff) / 0x1000000;
  const uniform53 = () => {
    const high = draw() & 0x1fffff;
    return (high * 2 ** 32 + draw()) / 2 ** 53;
  };
  let kept: number | undefined;
  const single = () => {
    if (kept !== undefined) {
      const value = kept;
      kept = undefined;
      return value;
    }
    const angle = 2 * Math.PI * uniform53();
    const radius = Math.sqrt(-2 * Math.log1p(-uniform53()));
    kept = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  const fill = (out: Float32Array, from: number) => {
    for (let j = from; j < from + 8; j++) {
      const radius = Math.fround(Math.sqrt(Math.fround(-2 * Math.fround(Math.log(1 - out[j])))));
      const angle = Math.fround(Math.fround(2 * Math.PI) * out[j + 8]);
      out[j] = radius * Math.fround(Math.cos(angle));
      out[j + 8] = radius * Math.fround(Math.sin(angle));
    }
  };
  return (n) => {
    const out = new Float32Array(n);
    if (n < 16) {
      for (let i = 0; i < n; i++) out[i] = single();
      return out;
    }
    for (let i = 0; i < n; i++) out[i] = uniform24();
    for (let i = 0; i + 16 <= n; i += 16) fill(out, i);
    if (n % 16 !== 0) {
      for (let i = n - 16; i < n; i++) out[i] = uniform24();
      fill(out, n - 16);
    }
    return out;
  };
}

const PHILOX_MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const PHILOX_WEYL = [0x9e3779b9, 0xbb67ae85] as const;

/** Upper and lower 32 bits of a product of two 32-bit integers. */
function multiply(a: number, b: number): [high: number, low: number] {
  const low = Math.imul(a, b) >>> 0;
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const cross = aHigh * bLow + Math.floor((aLow * bLow) / 65536);
  const carry = (cross % 65536) + aLow * bHigh;
  return [(aHigh * bHigh + Math.floor(cross / 65536) + Math.floor(carry / 65536)) >>> 0, low];
}

/** Philox4x32-10 (Salmon et al. 2011): the first two of four random words for a counter (c0, 0, c2, 0) and a 64-bit key. */
function philox(c0: number, c2: number, key: number): [number, number] {
  let counter = [c0 >>> 0, 0, c2 >>> 0, 0];
  let k0 = key >>> 0;
  let k1 = Math.floor(key / 2 ** 32) >>> 0;
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = multiply(counter[0], PHILOX_MULTIPLIERS[0]);
    const [high1, low1] = multiply(counter[2], PHILOX_MULTIPLIERS[1]);
    counter = [(high1 ^ counter[1] ^ k0) >>> 0, low1, (high0 ^ counter[3] ^ k1) >>> 0, low0];
    k0 = (k0 + PHILOX_WEYL[0]) >>> 0;
    k1 = (k1 + PHILOX_WEYL[1]) >>> 0;
  }
  return [counter[0], counter[1]];
}

/** One word's share of a full turn, in the single precision that A1111 keeps it in. */
const TURN = Math.fround(2 ** -32 * 2 * Math.PI);

/**
 * torch.randn on a CUDA generator, bit for bit as A1111 restates it: element i of draw k is Box-Muller's sine half of the Philox words
 * for counter (k, 0, i, 0).
 */
function philoxNormal(seed: number): NormalGenerator {
  let draws = 0;
  return (n) => {
    const out = new Float32Array(n);
    for (let i = 0; i < n; i++) {
      const [a, b] = philox(draws, i, seed);
      const u = a * 2 ** -32 + 2 ** -33;
      const angle = b * TURN + TURN / 2;
      out[i] = Math.sqrt(-2 * Math.log(u)) * Math.sin(angle);
    }
    draws++;
    return out;
  };
}
