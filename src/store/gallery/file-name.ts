import type { GenerationRequest } from '../../core/request/request';
import { plainText } from '../../core/text/prompt-syntax';

/** Windows allows 260 characters in a whole path; this leaves room for the folder. */
const MAX_PROMPT_LENGTH = 80;
/** As much of a prompt is read for that: far more than marks and LoRA mentions before the words take. */
export const MAX_PROMPT_READ = 10_000;

/** `00012-7-a red fox.png`: A1111's pattern of number, seed and prompt, safe on every file system. */
export function pictureFileName(
  number: number,
  request: Pick<GenerationRequest, 'seed' | 'prompt'>,
  ending = 'png',
): string {
  const words = namePart(plainText(request.prompt.slice(0, MAX_PROMPT_READ)))
    .slice(0, MAX_PROMPT_LENGTH)
    .replace(/[. ]+$/, '');
  const parts = [String(number).padStart(5, '0'), String(request.seed), words];
  return `${parts.filter((part) => part !== '').join('-')}.${ending}`;
}

/** A text as a part of a file's name: without control characters and what Windows forbids. */
export function namePart(text: string): string {
  return text
    .replace(/[\p{Cc}<>:"/\\|?*]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
