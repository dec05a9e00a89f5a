import { resolveSchedule } from '../core/diffusion/plan-steps';
import { hiresSampling } from '../core/request/hires';
import { type GenerationFacts, writeParameters } from '../core/request/parameters';
import type { GenerationRequest } from '../core/request/request';
import type { ModelInfo } from '../model/running/model-info';
import { packPng } from './pack-png';
import type { Painted } from './painted';

/** A painted picture as a PNG that carries its settings as A1111's `parameters` text. */
export async function encodePicture(
  { rgb, alpha, width, height, given, tiles }: Pick<Painted, 'rgb' | 'alpha' | 'width' | 'height' | 'given' | 'tiles'>,
  request: GenerationRequest,
  info: Pick<ModelInfo, 'name' | 'scheduler' | 'classes' | 'classNames'>,
  facts: Pick<GenerationFacts, 'walk' | 'vae' | 'hashes'> = {},
): Promise<{ png: Uint8Array<ArrayBuffer>; parameters: string }> {
  const schedule = resolveSchedule(request.sampler, request.schedule, info.scheduler);
  const second = hiresSampling(request);
  const hiresSchedule = request.hires ? resolveSchedule(second.sampler, second.schedule, info.scheduler) : undefined;
  const parameters = writeParameters(request, {
    ...facts,
    model: info.name,
    schedule,
    hiresSchedule,
    given,
    tiles,
    said: { classLabel: classText(request, info) },
  });
  const pixels = alpha
    ? ({ data: interleaved(rgb, alpha), channels: 4 } as const)
    : ({ data: rgb, channels: 3 } as const);
  return { png: await packPng({ ...pixels, width, height }, { parameters }), parameters };
}

/** A class by its label, and its name where the model has one. */
function classText(
  { classLabel = 0 }: GenerationRequest,
  { classes, classNames }: Pick<ModelInfo, 'classes' | 'classNames'>,
) {
  if (classes === undefined) return undefined;
  const name = classNames?.[classLabel];
  return name === undefined ? String(classLabel) : `${classLabel} "${name}"`;
}

function interleaved(rgb: Uint8Array, alpha: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 * alpha.length);
  for (let i = 0; i < alpha.length; i++) {
    out.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
    out[4 * i + 3] = alpha[i];
  }
  return out;
}
