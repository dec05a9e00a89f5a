import { expect, it } from 'vitest';
import { mersenneTwister } from './random';

// Both generators' noise is compared with torch's and A1111's by the golden checkers (src/cli/goldens/noise.ts).
it('mt19937 gives the ten-thousandth number that the C++ standard demands of its default seed', () => {
  const draw = mersenneTwister(5489); // [rand.predef]: 4123659995
  let value = 0;
  for (let i = 0; i < 10000; i++) value = draw();
  expect(value).toBe(4123659995);
});
