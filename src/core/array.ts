import type { Latent } from './diffusion/types';

/** An array of zeros of the same kind and length. */
export function like<T extends Latent>(x: T): T {
  return new (x.constructor as new (n: number) => T)(x.length);
}

/** a x + b y, element by element, as a new array of x's kind. */
export function combine<T extends Latent>(a: number, x: T, b: number, y: Latent): T {
  const out = like(x);
  for (let i = 0; i < out.length; i++) out[i] = a * x[i] + b * y[i];
  return out;
}

/** a x, as a new array. */
export function scaled<T extends Latent>(a: number, x: T): T {
  const out = like(x);
  for (let i = 0; i < out.length; i++) out[i] = a * x[i];
  return out;
}

/** n numbers from a to b, both included; just a when n is 1 (numpy's linspace). */
export function linspace(a: number, b: number, n: number): number[] {
  return Array.from({ length: n }, (_, i) => (n === 1 ? a : a + ((b - a) * i) / (n - 1)));
}

/** Rounds to the nearest integer, ties to the even one, as numpy and torch do (JavaScript rounds ties up). */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Arrays end to end. */
export function concatenated(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0];
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
