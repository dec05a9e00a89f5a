import type { Circumstances } from '../../core/request/applicable';
import { FIELDS } from '../../core/request/fields';
import { namesIn } from '../../core/text/named';
import { texts } from '../../texts/store';
import type { ModelInfo } from '../engine';
import type { SettingsState } from './settings';

/** What of prompt and loaded model decides which settings mean something; without a model, none of it is there. */
export function circumstancesOf(
  prompt: string,
  info:
    | Partial<
        Pick<
          ModelInfo,
          'classifierNames' | 'fast' | 'conditioning' | 'spatial' | 'classes' | 'nullClass' | 'thresholding'
        >
      >
    | undefined,
): Required<Omit<Circumstances, 'from'>> {
  const text = (info?.conditioning ?? 'text') === 'text';
  return {
    starts: info?.spatial === undefined,
    text,
    guided: text || info?.nullClass !== undefined,
    classes: info?.classes !== undefined,
    thresholding: info?.thresholding !== undefined,
    fastLora: info?.fast !== undefined,
    classifier: info?.classifierNames !== undefined && (!text || namesIn(prompt, info.classifierNames).length > 0),
  };
}

/** What stops Generate where the model has fewer classes than the one that the form holds. */
export function classProblem(
  { values }: Pick<SettingsState, 'values'>,
  info: Pick<ModelInfo, 'classes'> | undefined,
): { name: 'classLabel'; reason: string } | undefined {
  const { classLabel = FIELDS.classLabel.default } = values;
  if (info?.classes === undefined || classLabel < info.classes) return undefined;
  return { name: 'classLabel', reason: texts.classTooHigh(info.classes - 1) };
}
