import { EaselError, said } from '../../core/errors';
import type { LoraUse } from '../weights/lora-merge';
import type { PaintingModel } from './painting-model';

/**
 * The LoRA that a model brings for painting in few steps, at the strength it was trained at.
 * @throws EaselError `bad-request` where it brings none.
 */
export function fastLoraUse({ fastLora, info }: Pick<PaintingModel, 'fastLora' | 'info'>): LoraUse {
  if (!fastLora) throw new EaselError('bad-request', said`${info.name} brings no LoRA for few steps. Turn Fast off.`);
  return { lora: fastLora, unetWeight: 1, textWeight: 1 };
}
