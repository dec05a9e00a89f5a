import { describe, expect, it } from 'vitest';
import { seededNormal } from '../../random';
import { seedNoise, slerpColumns } from './seed-noise';

const SHAPE = { channels: 2, height: 5, width: 6 };
const CELLS = 60;
const noise = (seed: number, cells = CELLS) => seededNormal(seed)(cells);

describe('a seed’s noise', () => {
  it('is what torch draws, without extras or with none of them on', () => {
    expect(seedNoise({ seed: 3 }, SHAPE)).toEqual(noise(3));
    const off = { variationSeed: 4, variationStrength: 0, resizedFrom: { height: 5, width: 6 } };
    expect(seedNoise({ seed: 3, ...off }, SHAPE)).toEqual(noise(3));
    expect(seedNoise({ seed: 3, noiseSource: 'nv' }, SHAPE)).toEqual(seededNormal(3, 'nv')(CELLS));
  });

  it('leaves its generator where the run goes on, whatever the extras', () => {
    const drawnAfter = (extras: object) => {
      const draw = seededNormal(3);
      seedNoise({ seed: 3, ...extras }, SHAPE, draw);
      return draw(CELLS);
    };
    const plain = drawnAfter({});
    expect(drawnAfter({ variationSeed: 9, variationStrength: 0.5 })).toEqual(plain);
    expect(drawnAfter({ resizedFrom: { height: 3, width: 3 } })).toEqual(plain);
  });
});

describe('a variation', () => {
  it('turns each column of each channel by its share of the angle between both seeds’', () => {
    const [a, b] = [noise(3), noise(9)];
    const mixed = seedNoise({ seed: 3, variationSeed: 9, variationStrength: 0.25 }, SHAPE);
    for (let column = 0; column < 12; column++) {
      const at = (y: number) => Math.floor(column / 6) * 30 + y * 6 + (column % 6);
      const of = (values: ArrayLike<number>) => [0, 1, 2, 3, 4].map((y) => values[at(y)]);
      const dot = (u: number[], v: number[]) => u.reduce((sum, value, i) => sum + value * v[i], 0);
      const [u, v, w] = [of(a), of(b), of(mixed)];
      const angle = (p: number[], q: number[]) => Math.acos(dot(p, q) / Math.sqrt(dot(p, p) * dot(q, q)));
      // A1111 mixes the columns as they are, not made as long as each other: w = (sin (1 - t) a u + sin t a v) / sin a.
      const whole = angle(u, v);
      const expected = u.map((value, i) => (Math.sin(0.75 * whole) * value + Math.sin(0.25 * whole) * v[i]) / Math.sin(whole)); // biome-ignore format: one formula
      for (const [i, value] of expected.entries()) expect(w[i]).toBeCloseTo(value, 5);
    }
  });

  it('at full strength is the other seed’s, and of the same seed is itself', () => {
    const other = seedNoise({ seed: 3, variationSeed: 9, variationStrength: 1 }, SHAPE);
    for (const [i, value] of noise(9).entries()) expect(other[i]).toBeCloseTo(value, 5);
    const same = seedNoise({ seed: 3, variationSeed: 3, variationStrength: 0.4 }, SHAPE);
    for (const [i, value] of noise(3).entries()) expect(same[i]).toBeCloseTo(value, 5);
  });

  it('of columns that point the same way is mixed in a straight line', () => {
    const ones = Float32Array.from({ length: CELLS }, () => 1);
    expect(
      slerpColumns(
        ones,
        ones.map((value) => 3 * value),
        0.5,
        SHAPE,
      )[7],
    ).toBe(2);
  });
});

describe('a seed of another size', () => {
  it('that was smaller stands in the middle of the seed’s noise', () => {
    const drawn = seedNoise({ seed: 3, resizedFrom: { height: 2, width: 3 } }, SHAPE);
    const [small, large] = [noise(3, 12), noise(3)];
    for (let c = 0; c < 2; c++)
      for (let y = 0; y < 5; y++)
        for (let x = 0; x < 6; x++) {
          // (5 - 2) / 2 and (6 - 3) / 2, rounded down: one row and one column before it.
          const within = y >= 1 && y < 3 && x >= 1 && x < 4;
          const expected = within ? small[c * 6 + (y - 1) * 3 + x - 1] : large[c * 30 + y * 6 + x];
          expect(drawn[c * 30 + y * 6 + x]).toBe(expected);
        }
  });

  it('that was larger is cut to an even number less, as A1111 rounds', () => {
    const drawn = seedNoise({ seed: 3, resizedFrom: { height: 8, width: 8 } }, SHAPE);
    const [small, large] = [noise(3, 128), noise(3)];
    // Down: floor((5 - 8) / 2) = -2: rows 2 to 5 of eight, and the last row is the seed's own. Across: columns 1 to 6.
    for (let x = 0; x < 6; x++) {
      for (let y = 0; y < 4; y++) expect(drawn[y * 6 + x]).toBe(small[(y + 2) * 8 + x + 1]);
      expect(drawn[4 * 6 + x]).toBe(large[4 * 6 + x]);
    }
  });

  it('is varied at that size', () => {
    const varied = { variationSeed: 9, variationStrength: 1, resizedFrom: { height: 2, width: 3 } };
    const drawn = seedNoise({ seed: 3, ...varied }, SHAPE);
    expect(drawn[7]).toBeCloseTo(noise(9, 12)[0], 5);
    expect(drawn[0]).toBe(noise(3)[0]);
  });
});
