import { describe, expect, it } from 'vitest';
import { guidanceFeatures, timestepFeatures } from './timestep-features';

// With two frequencies, 1 and 0.01; the numbers are Python's math.cos and math.sin.
const COSINES = [-0.4161468365, 0.9998000067, 0.5623790763, -0.8390715291];
const SINES = [0.9092974268, 0.0199986667, 0.8268795405, -0.5440211109];

describe('timestep features', () => {
  it('are a row of cosines and sines for each number, at falling frequencies', () => {
    const rows = timestepFeatures([2, 1000], 4, true, 0);
    const wanted = [...COSINES.slice(0, 2), ...SINES.slice(0, 2), ...COSINES.slice(2), ...SINES.slice(2)];
    for (const [i, value] of wanted.entries()) expect(rows[i]).toBeCloseTo(value, 6);
  });

  it('begin with the sines where the model was trained so', () => {
    const row = timestepFeatures([2], 4, false, 0);
    for (const [i, value] of [...SINES.slice(0, 2), ...COSINES.slice(0, 2)].entries())
      expect(row[i]).toBeCloseTo(value, 6);
  });

  it('fall faster by the shift: the last frequency is 1 / 10000 where it is one', () => {
    expect(timestepFeatures([1], 4, false, 1)[1]).toBeCloseTo(Math.sin(1e-4), 9);
  });
});

it('the guidance scale’s are those of diffusers, angles of thousands of radians rounded alike', () => {
  // get_guidance_scale_embedding(6500, 64) of diffusers 0.40, torch float32, for a scale of 7.5.
  const wanted = { 0: -0.0447847396, 1: -0.595362246, 5: 0.9345271587, 31: 0.6051863432, 32: -0.9989966750, 33: -0.8034573794, 63: 0.7960838675 }; // biome-ignore format: one line
  const features = guidanceFeatures(7.5, 64);
  for (const [i, value] of Object.entries(wanted)) expect(features[Number(i)]).toBeCloseTo(value, 6);
});
