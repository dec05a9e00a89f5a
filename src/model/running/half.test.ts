import { expect, it } from 'vitest';
import { type Said, spoken } from '../../core/errors';
import type { Precision } from '../weights/dtypes';
import { finiteRuns } from './half';

/** One that overflows in 16 bits. */
function network(precision: Precision) {
  const [said, ran]: [string[], Precision[]] = [[], []];
  const half = {
    precision: () => precision,
    async toFloat32() {
      precision = 'float32';
    },
    tell: (note: Said) => void said.push(spoken(note)),
  };
  const run = async () => {
    ran.push(precision);
    return Float32Array.of(1, precision === 'float16' ? Number.POSITIVE_INFINITY : 2);
  };
  return { said, ran, run: () => finiteRuns('x.pth', half)(run, (numbers) => numbers) };
}

it('what overflows in 16-bit floats runs again, and from then on, in 32 bits, which is said once', async () => {
  const { said, ran, run } = network('float16');
  expect([[...(await run())], [...(await run())]]).toEqual([[1, 2], [1, 2]]); // biome-ignore format: pairs
  expect(ran).toEqual(['float16', 'float32', 'float32']);
  expect(said).toEqual([expect.stringContaining('x.pth overflows in 16-bit floats')]);
});

it('what overflows in 32 bits comes as it is', async () => {
  const { said, ran, run } = network('float32');
  await run();
  expect([ran, said]).toEqual([['float32'], []]);
});
