import { describe, expect, it } from 'vitest';
import { meanSquaredError } from '../../array';
import { seededNormal } from '../../random';
import { diffused, varianceExploding } from '../noise-level';
import { edm, edmScalings } from '../process/edm';
import { edmLoss, edmTarget, edmWeight } from './edm-training';

const normal = seededNormal(9);
const draw = (n: number) => Float64Array.from(normal(n));

describe.each([0.002, 0.5, 80])('EDM at sigma %d', (sigma) => {
  const data = 0.5;
  const [x0, noise, output] = [draw(8), draw(8), draw(8)];
  const x = diffused(x0, noise, varianceExploding(sigma));

  it('a network that says its target denoises perfectly', () => {
    const denoised = edm(data).denoised(x, sigma, edmTarget(x0, x, sigma, data)).x0;
    expect(meanSquaredError(denoised, x0)).toBeLessThan(1e-24);
  });

  it('the loss of F is the weighted loss of D', () => {
    const weighted = edmWeight(sigma, data) * meanSquaredError(edm(data).denoised(x, sigma, output).x0, x0);
    expect(edmLoss(x0, x, sigma, data, output) / weighted).toBeCloseTo(1, 9);
  });

  it('inputs and targets have variance 1 for data of that deviation', () => {
    const c = edmScalings(sigma, data);
    expect(c.in ** 2 * (data ** 2 + sigma ** 2)).toBeCloseTo(1, 14);
    const target = ((1 - c.skip) ** 2 * data ** 2 + c.skip ** 2 * sigma ** 2) / c.out ** 2;
    expect(target).toBeCloseTo(1, 9);
  });
});
