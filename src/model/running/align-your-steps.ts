import type { Family } from '../types';

/** Ten steps' noise levels that were optimised for Stable Diffusion 1.5 (Sabour et al. 2024, "Align Your Steps"). */
const FIRST = [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029];

/** Each family's published table; as in A1111, SD 2.x has the one of SD 1.5. */
export const ALIGN_YOUR_STEPS: Readonly<Record<Family, readonly number[]>> = {
  sd1: FIRST,
  sd2: FIRST,
  sdxl: [14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.38, 0.234, 0.113, 0.029],
};
