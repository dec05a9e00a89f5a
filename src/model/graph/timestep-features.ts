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

/**
 * The guidance scale as an LCM's UNet takes it (diffusers' `get_guidance_scale_embedding`): sines, then cosines of
 * 1000 (scale - 1) 10000^(-i / (half - 1)). Each operation is rounded to float32 as there: angles are thousands of
 * radians, and unrounded ones would move a sine by 1e-4.
 */
export function guidanceFeatures(scale: number, width: number): Float32Array {
  const half = width / 2;
  const number = Math.fround(1000 * Math.fround(scale - 1));
  const rate = Math.fround(Math.fround(Math.log(10000)) / (half - 1));
  const angle = (i: number) => Math.fround(number * Math.fround(Math.exp(Math.fround(-i * rate))));
  return Float32Array.from({ length: width }, (_, i) => (i < half ? Math.sin(angle(i)) : Math.cos(angle(i - half))));
}

/**
 * Sines, then cosines of 2 pi f ln(sigma) (Tancik et al. 2020; diffusers' GaussianFourierProjection). Each operation is
 * rounded to float32 as there: angles are thousands of radians.
 */
export function fourierFeatures(sigma: number, frequencies: readonly number[]): Float32Array {
  const logarithm = Math.fround(Math.log(sigma));
  const pi = Math.fround(Math.PI);
  const angles = frequencies.map((f) => Math.fround(Math.fround(Math.fround(logarithm * f) * 2) * pi));
  return Float32Array.from([...angles.map(Math.sin), ...angles.map(Math.cos)]);
}
