import { encode } from 'fast-png';
import { resolveSchedule } from '../core/diffusion/plan-steps';
import { writeParameters } from '../core/generation-info';
import { withText } from '../core/image/png-chunks';
import type { GenerationRequest } from '../core/request';
import type { Walk } from '../core/walk';
import type { ModelInfo } from '../model/types';
import type { Painted } from './generate';

/** A painted picture as a PNG that carries its settings as A1111's `parameters` text; the same bytes in browser and Node. */
export function encodePicture(
  { rgb, width, height }: Pick<Painted, 'rgb' | 'width' | 'height'>,
  request: GenerationRequest,
  info: Pick<ModelInfo, 'name' | 'scheduler'>,
  walk?: Walk,
): { png: Uint8Array<ArrayBuffer>; parameters: string } {
  const schedule = resolveSchedule(request.sampler, request.schedule, info.scheduler);
  const parameters = writeParameters(request, { model: info.name, schedule, walk });
  return { png: withText(encode({ data: rgb, width, height, channels: 3 }), 'parameters', parameters), parameters };
}
