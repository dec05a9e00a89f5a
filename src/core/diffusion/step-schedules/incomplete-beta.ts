/** Terms of the continued fraction that are always enough: it needs some sqrt(max(a, b)) of them. */
const MAX_TERMS = 10_000;
const MAX_ITERATIONS = 200;
/** Stands in for a zero denominator in Lentz's method. */
const TINY = 1e-300;

/**
 * log of the continued fraction by which x^a (1 - x)^b / a is multiplied to give the incomplete beta integral
 * B_x(a, b) (Abramowitz and Stegun 26.5.8), by Lentz's method. Converges fast for x < (a + 1) / (a + b + 2).
 */
function logFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    value *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    value *= c * d;
    if (Math.abs(c * d - 1) < Number.EPSILON) break;
  }
  return Math.log(value);
}

const nonZero = (value: number) => (Math.abs(value) < TINY ? TINY : value);

/** log of the incomplete beta integral from 0 to x = e^u, for x below the middle (a + 1) / (a + b + 2). */
function logIntegral(u: number, a: number, b: number): number {
  return a * u + b * Math.log(-Math.expm1(u)) - Math.log(a) + logFraction(Math.exp(u), a, b);
}

/** log B(a, b): the integrals on both sides of a point add up to it, so that no gamma function is needed. */
function logBeta(a: number, b: number): number {
  const middle = (a + 1) / (a + b + 2);
  const left = logIntegral(Math.log(middle), a, b);
  const right = logIntegral(Math.log1p(-middle), b, a);
  const larger = Math.max(left, right);
  return larger + Math.log(Math.exp(left - larger) + Math.exp(right - larger));
}

/**
 * The regularised incomplete beta function I_x(a, b): how much of a beta distribution lies below x.
 * @param x 0..1. @param a, b above 0.
 */
export function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const whole = logBeta(a, b);
  if (x < (a + 1) / (a + b + 2)) return Math.exp(logIntegral(Math.log(x), a, b) - whole);
  return 1 - Math.exp(logIntegral(Math.log1p(-x), b, a) - whole);
}

/**
 * Quantile of q where it lies below `top`, to full precision however near 0: Newton's method in log x and log q,
 * bracketed.
 */
function lowerQuantile(q: number, a: number, b: number, top: number): number {
  const whole = logBeta(a, b);
  const target = Math.log(q) + whole;
  let high = Math.log(top);
  let low = Number.NEGATIVE_INFINITY;
  // Near 0 the integral is x^a / a.
  let u = Math.min(high, (target + Math.log(a)) / a);
  for (let k = 0; k < MAX_ITERATIONS; k++) {
    const value = logIntegral(u, a, b);
    if (value > target) high = u;
    else low = u;
    const slope = Math.exp(a * u + (b - 1) * Math.log(-Math.expm1(u)) - value);
    const newton = u - (value - target) / slope;
    const inside = newton > low && newton < high;
    const next = inside ? newton : low === Number.NEGATIVE_INFINITY ? 2 * u : (low + high) / 2;
    if (Math.abs(next - u) <= Number.EPSILON * Math.max(1, Math.abs(u))) return Math.exp(next);
    u = next;
  }
  return Math.exp(u);
}

/**
 * Quantile of the beta distribution: the x with I_x(a, b) = q (scipy's `beta.ppf`).
 * @param q 0..1. @param a, b above 0.
 */
export function betaQuantile(q: number, a: number, b: number): number {
  if (q <= 0) return 0;
  if (q >= 1) return 1;
  const middle = (a + 1) / (a + b + 2);
  const below = regularisedBeta(middle, a, b);
  return q <= below ? lowerQuantile(q, a, b, middle) : 1 - lowerQuantile(1 - q, b, a, 1 - middle);
}
