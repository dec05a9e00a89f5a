/** A latent (or any flat tensor); its shape travels beside it. Samplers run in either precision. */
export type Latent = Float32Array | Float64Array;

// Loops over latents read a length once, before them, and write last: where a buffer was ever handed to another thread,
// as pages and workers do, V8 asks again after every write whether an array's buffer is still there. That cost a third
// of each loop.

/** An array of zeros of the same kind and length. */
export function like<T extends Latent>(x: T): T {
  return new (x.constructor as new (n: number) => T)(x.length);
}

/** a x + b y, element by element, as a new array of x's kind; or into `out`, which may be x or y. */
export function combine<T extends Latent>(a: number, x: T, b: number, y: Latent, out: T = like(x)): T {
  const n = out.length;
  for (let i = 0; i < n; i++) out[i] = a * x[i] + b * y[i];
  return out;
}

/** a x + b y + c z, element by element, as a new array of x's kind; or into `out`, which may be one of them. */
export function blend<T extends Latent>(
  a: number,
  x: T,
  b: number,
  y: Latent,
  c: number,
  z: Latent,
  out: T = like(x),
): T {
  const n = out.length;
  for (let i = 0; i < n; i++) out[i] = a * x[i] + b * y[i] + c * z[i];
  return out;
}

/** Adds a x to `out` in place, and returns it. */
export function accumulate<T extends Latent>(out: T, a: number, x: Latent): T {
  const n = out.length;
  for (let i = 0; i < n; i++) out[i] += a * x[i];
  return out;
}

/** a x, as a new array; or into `out`, which may be x. */
export function scaled<T extends Latent>(a: number, x: T, out: T = like(x)): T {
  const n = out.length;
  for (let i = 0; i < n; i++) out[i] = a * x[i];
  return out;
}

/**
 * The larger of two numbers, to the last bit or so: in loops over noise Math.max branches by it, and half of its
 * guesses are wrong.
 */
export function branchlessMax(a: number, b: number): number {
  return (a + b + Math.abs(a - b)) / 2;
}

/** Mean of (x - y)^2 over all entries. */
export function meanSquaredError(x: Latent, y: Latent): number {
  const n = x.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (x[i] - y[i]) ** 2;
  return sum / n;
}

/**
 * n numbers from a to b, both included; just a when n is 1. Computed in numpy's order, last number exact, so that what
 * is rounded to whole timesteps afterwards falls to the same side as in the references.
 */
export function linspace(a: number, b: number, n: number): number[] {
  const step = (b - a) / (n - 1);
  return Array.from({ length: n }, (_, i) => (i === 0 ? a : i === n - 1 ? b : a + i * step));
}

/** Rounds to the nearest integer, ties to the even one, as numpy and torch do (JavaScript rounds ties up). */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Arrays end to end. */
export function concat(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0];
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
