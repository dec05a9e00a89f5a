import { boft } from './boft';
import { biasDifference, difference, upBias } from './difference';
import { glora } from './glora';
import { hadamard } from './hadamard';
import { kronecker } from './kronecker';
import { lowRank } from './low-rank';
import type { Method } from './method';
import { oft } from './oft';

/** Every way of writing down a change that Easel merges, in the order in which those of one module act. */
export const METHODS: readonly Method[] = [
  lowRank,
  hadamard,
  kronecker,
  glora,
  oft,
  boft,
  difference,
  biasDifference,
  upBias,
];
