import type { GenerationRequest } from '../core/request';
import { namesIn } from '../core/text/named';
import type { ModelInfo } from './engine';

/** Whether classifier guidance can act: the model brought a classifier, and the prompt names something that it knows. */
export function canGuide(prompt: string, info: Pick<ModelInfo, 'classifierNames'> | undefined): boolean {
  return info?.classifierNames !== undefined && namesIn(prompt, info.classifierNames).length > 0;
}

/** A request without classifier guidance where that cannot act: set for another model or prompt, it is hidden and does nothing. */
export function withoutIdleGuidance(request: GenerationRequest, info: ModelInfo | undefined): GenerationRequest {
  if (request.classifierScale === undefined || canGuide(request.prompt, info)) return request;
  const { classifierScale: _, ...rest } = request;
  return rest;
}
