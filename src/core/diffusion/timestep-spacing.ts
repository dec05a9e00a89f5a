/**
 * Which of a model's training timesteps a run of n steps visits, as the reference programs choose them. Timesteps count
 * from 0 to `trained` - 1 and lists descend. Rounding follows numpy, ties to even, so that every entry is the
 * reference's.
 */

import { linspace, roundHalfEven } from '../array';

/** diffusers' `timestep_spacing`. */
export type Spacing = 'leading' | 'trailing' | 'linspace';

/** T, T - T/n, ... down to just above 0, in the order in which numpy's `arange` adds up. */
function countdown(n: number, trained: number): number[] {
  const stride = trained - (trained - trained / n);
  return Array.from({ length: n }, (_, i) => trained - i * stride);
}

/**
 * Timesteps of diffusers' DDIM, DDPM and Euler family. Whole numbers, but for Euler's "linspace", which is not rounded.
 * @param offset diffusers' `steps_offset`; only "leading" has it.
 * @param rounded false for the Euler family.
 */
export function spacedTimesteps(
  spacing: Spacing,
  n: number,
  trained: number,
  offset: number,
  rounded = true,
): number[] {
  switch (spacing) {
    case 'leading': {
      const ratio = Math.floor(trained / n);
      return Array.from({ length: n }, (_, i) => (n - 1 - i) * ratio + offset);
    }
    case 'trailing':
      return countdown(n, trained).map((t) => roundHalfEven(t) - 1);
    case 'linspace': {
      const times = linspace(0, trained - 1, n).reverse();
      return rounded ? times.map(roundHalfEven) : times;
    }
    default:
      spacing satisfies never;
      throw new RangeError(`Unknown spacing "${String(spacing)}".`);
  }
}

/** Timesteps of diffusers' DPM-Solver++ and UniPC: leading and linspace space n + 1 points and drop the smallest. */
export function solverTimesteps(spacing: Spacing, n: number, trained: number, offset: number): number[] {
  switch (spacing) {
    case 'leading': {
      const ratio = Math.floor(trained / (n + 1));
      return Array.from({ length: n }, (_, i) => (n - i) * ratio + offset);
    }
    case 'linspace':
      return linspace(0, trained - 1, n + 1)
        .slice(1)
        .reverse()
        .map(roundHalfEven);
    case 'trailing':
      return spacedTimesteps('trailing', n, trained, offset);
    default:
      spacing satisfies never;
      throw new RangeError(`Unknown spacing "${String(spacing)}".`);
  }
}

/**
 * The timestep that diffusers' DDIM and PNDM step to from each of theirs, negative past the end: not always the next of
 * the list.
 */
export function ddimTargets(timesteps: readonly number[], n: number, trained: number): number[] {
  const stride = Math.floor(trained / n);
  return timesteps.map((t) => t - stride);
}

/**
 * Timesteps of CompVis' DDIM and PLMS. They are counted from 1, so that the last may be `trained` itself, which the
 * model does not know (n = 3 of 1000).
 * @param spacing `uniform` may give more than n; `quad` spends more of them at low noise.
 */
export function compvisTimesteps(spacing: 'uniform' | 'quad', n: number, trained: number): number[] {
  switch (spacing) {
    case 'uniform': {
      const stride = Math.max(1, Math.floor(trained / n));
      return Array.from({ length: Math.ceil(trained / stride) }, (_, i) => i * stride + 1).reverse();
    }
    case 'quad':
      return linspace(0, Math.sqrt(trained * 0.8), n)
        .map((root) => Math.floor(root ** 2) + 1)
        .reverse();
    default:
      spacing satisfies never;
      throw new RangeError(`Unknown spacing "${String(spacing)}".`);
  }
}

/**
 * Timesteps of A1111's DDIM and PLMS: CompVis' uniform ones, kept within the model's. A run updates between them, one
 * time fewer than there are entries, and stops at timestep 1.
 */
export function a1111Timesteps(n: number, trained: number): number[] {
  return compvisTimesteps('uniform', n, trained).map((t) => Math.min(t, trained - 1));
}
