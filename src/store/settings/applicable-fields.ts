import type { GenerationRequest } from '../../core/request/request';
import { namesIn } from '../../core/text/named';
import type { ModelInfo } from '../engine';

/**
 * Whether classifier guidance can act: the model brought a classifier, and the prompt names something that it knows.
 */
export function canGuide(prompt: string, info: Pick<ModelInfo, 'classifierNames'> | undefined): boolean {
  return info?.classifierNames !== undefined && namesIn(prompt, info.classifierNames).length > 0;
}

/**
 * A request without what the model or the prompt has no use for: set for another one, it is hidden and does nothing.
 */
export function dropInapplicable(request: GenerationRequest, info: ModelInfo | undefined): GenerationRequest {
  const useful = { ...request };
  if (!canGuide(request.prompt, info)) delete useful.classifierScale;
  if (!info?.fast) delete useful.fast;
  return useful;
}
