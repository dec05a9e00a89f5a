/**
 * What a network is told of a number, a timestep or a size: sines and cosines of t 10000^(-i / (half - shift)) for i <
 * half = channels / 2 (Vaswani et al. 2017, section 3.5; diffusers' get_timestep_embedding). Frequencies and angles are
 * rounded to float32, which is part of the definition: at t = 999 it moves a sine by as much as 3e-5.
 * @returns [numbers, channels], the cosines first or the sines
 */
export function timestepFeatures(
  numbers: ArrayLike<number>,
  channels: number,
  cosineFirst: boolean,
  shift: number,
): Float32Array {
  const half = channels / 2;
  const features = new Float32Array(numbers.length * channels);
  for (let n = 0; n < numbers.length; n++) {
    const [cosines, sines] = cosineFirst ? [n * channels, n * channels + half] : [n * channels + half, n * channels];
    for (const [i, angle] of timestepAngles(numbers[n], half, shift).entries()) {
      features[cosines + i] = Math.cos(angle);
      features[sines + i] = Math.sin(angle);
    }
  }
  return features;
}

/** What the sines and cosines of one number are of. */
export function timestepAngles(number: number, half: number, shift: number): number[] {
  return Array.from({ length: half }, (_, i) => Math.fround(number * Math.fround(10000 ** (-i / (half - shift)))));
}
