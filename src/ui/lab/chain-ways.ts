import type { Way } from '../../store/jobs/chains';

export const SAMPLERS = ['ddpm', 'ddim'] as const satisfies readonly Way['sampler'][];
export const STEPS = [1000, 50, 10] as const;

/** The ways from noise that are compared, the long ones last: they take minutes on a CPU. */
export const WAYS: readonly Way[] = STEPS.toReversed().flatMap((steps) =>
  SAMPLERS.map((sampler) => ({ sampler, steps })),
);
