import type { Circumstances } from '../../core/request/applicable';
import { namesIn } from '../../core/text/named';
import type { ModelInfo } from '../engine';

/** What of prompt and loaded model decides which settings mean something; without a model, none of it is there. */
export function circumstancesOf(
  prompt: string,
  info: Pick<ModelInfo, 'classifierNames' | 'fast' | 'classes' | 'thresholding'> | undefined,
): Required<Omit<Circumstances, 'from'>> {
  return {
    classes: info?.classes !== undefined,
    thresholding: info?.thresholding !== undefined,
    fastLora: info?.fast !== undefined,
    classifier: info?.classifierNames !== undefined && namesIn(prompt, info.classifierNames).length > 0,
  };
}
