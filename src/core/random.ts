/**
 * Seeded normal noise, number for number as other tools draw it, so that a seed means the same picture everywhere.
 * `cpu` is torch's CPU generator (ComfyUI, diffusers, A1111's "CPU"); `nv` is the CUDA generator (A1111's default on
 * NVIDIA).
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

/**
 * The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), initialised by its `init_genrand`. Draws 32 bits a call.
 */
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
 * torch.randn on a CPU generator. 16 numbers and more are filled with 24-bit uniforms, then turned into normals in
 * blocks of 16 by Box-Muller, a last incomplete block being redrawn over the final 16; fewer are drawn in pairs in
 * double precision, the second of a pair being kept for the next draw.
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

/** Upper 32 bits of the product of two 32-bit integers, by halves: no product leaves 2^32. */
function upperProduct(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const cross = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (cross & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + (cross >>> 16) + (carry >>> 16)) >>> 0;
}

/**
 * Philox4x32-10 (Salmon et al. 2011): writes the first two of the four random words for a counter (c0, 0, c2, 0) and a
 * 64-bit key.
 * @param out two words; given, since a picture needs some ten thousand calls.
 */
function philox(counter0: number, counter2: number, key: number, out: Uint32Array): void {
  let [c0, c1, c2, c3] = [counter0 >>> 0, 0, counter2 >>> 0, 0];
  let k0 = key >>> 0;
  let k1 = Math.floor(key / 2 ** 32) >>> 0;
  for (let round = 0; round < 10; round++) {
    const low0 = Math.imul(c0, 0xd2511f53) >>> 0;
    const low2 = Math.imul(c2, 0xcd9e8d57) >>> 0;
    const high0 = upperProduct(c0, 0xd2511f53);
    c0 = (upperProduct(c2, 0xcd9e8d57) ^ c1 ^ k0) >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c1 = low2;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
}

/** One word's share of a full turn, in the single precision that A1111 keeps it in. */
const TURN = Math.fround(2 ** -32 * 2 * Math.PI);

/**
 * torch.randn on a CUDA generator, bit for bit as A1111 restates it: element i of draw k is Box-Muller's sine half of
 * the Philox words for counter (k, 0, i, 0).
 */
function philoxNormal(seed: number): NormalGenerator {
  let draws = 0;
  return (n) => {
    const out = new Float32Array(n);
    const words = new Uint32Array(2);
    for (let i = 0; i < n; i++) {
      philox(draws, i, seed, words);
      const u = words[0] * 2 ** -32 + 2 ** -33;
      const angle = words[1] * TURN + TURN / 2;
      out[i] = Math.sqrt(-2 * Math.log(u)) * Math.sin(angle);
    }
    draws++;
    return out;
  };
}
