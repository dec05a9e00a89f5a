/**
 * The normal distribution function to full double precision, in both tails: what a discretised likelihood needs where
 * bins are tiny. Written from the series and the continued fraction of the NIST Digital Library of Mathematical
 * Functions.
 */

/**
 * Beyond this the continued fraction needs fewer terms than the series, and erf is so near 1 that 1 - erf loses digits.
 */
const TAIL = 1;

/**
 * erf(x) for 0 <= x < TAIL: 2/sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (2n+1)!!, all of whose terms are positive (DLMF
 * 7.6.2).
 */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * Number.EPSILON * 0.01; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/**
 * sqrt(pi) e^(x^2) erfc(x) for x >= TAIL: 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))) (DLMF 7.9.3), from its far end.
 */
function scaledTail(x: number): number {
  const terms = Math.ceil(20 + 180 / (x * x)); // the error falls as e^(-x sqrt(8 terms));
  let below = x;
  for (let n = terms; n > 0; n--) below = x + n / 2 / below;
  return 1 / below;
}

/** erfc(x) = 2/sqrt(pi) times the integral of e^(-t^2) from x to infinity. */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x < TAIL) return 1 - erfSeries(x);
  return (Math.exp(-x * x) * scaledTail(x)) / Math.sqrt(Math.PI);
}

/** P(Z <= z) of a standard normal Z. */
export function normalCdf(z: number): number {
  return erfc(-z / Math.SQRT2) / 2;
}

/** log P(Z <= z), in nats; exact where the probability itself is too near 0 or 1 for a double. */
export function logNormalCdf(z: number): number {
  const x = -z / Math.SQRT2;
  if (x >= TAIL) return -x * x + Math.log(scaledTail(x) / (2 * Math.sqrt(Math.PI)));
  return Math.log1p(-normalCdf(-z));
}

/** P(a < Z <= b): the difference taken in the tail where neither probability is near 1. */
export function normalBetween(a: number, b: number): number {
  return a > 0 ? normalCdf(-a) - normalCdf(-b) : normalCdf(b) - normalCdf(a);
}
