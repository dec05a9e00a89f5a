import type { Role } from './keys';
import { columnsOf, type Method, sizeOf } from './method';

/** A whole tensor times a factor is added: a layer that was trained in full, or a norm. */
const addedWhole = (name: string, of: Method['of'], role: Role): Method => ({
  name,
  of,
  is: ({ has }) => has(role),
  lacks: () => undefined,
  inputs: of === 'weight' ? ({ shape }) => shape(role)[1] : undefined,
  fault: ({ shape }, target) => (sizeOf(shape(role)) === target.rows * columnsOf(target) ? undefined : { role }),
  async change(tensors, target, weight) {
    // The bias of a LoRA's second factor is scaled as the factor is.
    const scale = role === 'up_bias' ? weight * (await tensors.scale(tensors.shape('down')[0])) : weight;
    return {
      together: 1,
      async apply(values, first) {
        const from = first * columnsOf(target);
        const difference = await tensors.floats(role, from, from + values.length);
        for (let i = 0; i < values.length; i++) values[i] += scale * difference[i];
      },
    };
  },
});

/** W + weight D: LyCORIS' full matrices, and its norms. */
export const difference = addedWhole('difference', 'weight', 'diff');
/** The same of a bias. */
export const biasDifference = addedWhole('bias difference', 'bias', 'diff_b');
/** PEFT's `lora_bias`. */
export const upBias = addedWhole('bias of a LoRA', 'bias', 'up_bias');
