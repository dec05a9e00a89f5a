import type { GenerationRequest } from '../../core/request/request';
import { texts } from '../../texts/components';

/** What a picture is of, in a line: its prompt, or the class of a model that reads none. */
export function subjectText({ prompt, classLabel }: Pick<GenerationRequest, 'prompt' | 'classLabel'>): string {
  return prompt || (classLabel === undefined ? texts.noPrompt : texts.ofClass(classLabel));
}
