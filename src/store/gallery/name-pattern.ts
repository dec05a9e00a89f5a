import { plainText } from '../../core/text/prompt-syntax';
import { labelOfChoice } from '../../texts/fields';
import { MAX_PROMPT_READ, namePart } from './file-name';
import type { ResultRecord } from './result-record';

/** As much of a prompt as a name takes, in characters; A1111's own limit for words. */
const MAX_PROMPT = 80;
const MAX_WORDS = 8;
/** Every file system that browsers write to takes 255 bytes, of which a number and the ending need some. */
const MAX_BYTES = 200;

type Named = Pick<ResultRecord, 'number' | 'paintedAt' | 'model' | 'width' | 'height' | 'request'>;

const promptOf = ({ request }: Named) => namePart(plainText(request.prompt.slice(0, MAX_PROMPT_READ)));

/** What each word in brackets stands for: A1111's names, and `number`, the picture's own. */
const WORDS = {
  date: ({ paintedAt }) => formatted('%Y-%m-%d', paintedAt),
  datetime: ({ paintedAt }) => formatted('%Y%m%d%H%M%S', paintedAt),
  number: ({ number }) => String(number).padStart(5, '0'),
  seed: ({ request }) => String(request.seed),
  prompt: (record) => promptOf(record).slice(0, MAX_PROMPT).replaceAll(' ', '_'),
  prompt_spaces: (record) => promptOf(record).slice(0, MAX_PROMPT),
  prompt_words: (record) =>
    promptOf(record)
      .split(/[\s\p{P}\p{S}]+/u)
      .filter((word) => word !== '')
      .slice(0, MAX_WORDS)
      .join(' '),
  steps: ({ request }) => String(request.steps),
  cfg: ({ request }) => String(request.cfgScale),
  sampler: ({ request }) => labelOfChoice('sampler', request.sampler),
  scheduler: ({ request }) => labelOfChoice('schedule', request.schedule),
  width: ({ width }) => String(width),
  height: ({ height }) => String(height),
  model_name: ({ model }) => model,
} satisfies Record<string, (record: Named) => string>;

/** The words that a pattern may have. */
export const NAME_WORDS = Object.keys(WORDS);

/** A word in brackets; the date's may have a format. */
const BRACKETS = /\[(\w+)(?:<([^>\]]*)>)?\]/g;

/**
 * A file's name by a pattern in A1111's way, as `[date]-[seed]-[prompt]`, without its ending. `[datetime<%Y %H.%M>]`
 * has a format of its own, of strftime's `%Y %y %m %d %H %M %S`. What is no such word stays as it is written.
 * @returns a name that every file system takes; the picture's number where nothing is left of it
 */
export function nameBy(pattern: string, record: Named): string {
  const filled = pattern.replace(BRACKETS, (whole, word: string, format?: string) => {
    const name = word.toLowerCase();
    if (name === 'datetime' && format) return formatted(format, record.paintedAt);
    return isWord(name) && format === undefined ? WORDS[name](record) : whole;
  });
  // An empty prompt leaves the dash before it.
  const name = withinBytes(namePart(filled)).replace(/[-_. ]+$/, '');
  return name || WORDS.number(record);
}

/** Words in a pattern's brackets that stand for nothing. */
export function unknownWords(pattern: string): string[] {
  return [...pattern.matchAll(BRACKETS)].filter(([, word]) => !isWord(word.toLowerCase())).map(([whole]) => whole);
}

const isWord = (name: string): name is keyof typeof WORDS => Object.hasOwn(WORDS, name);

/** A time where the person is, in strftime's way. */
function formatted(format: string, time: number): string {
  const date = new Date(time);
  const two = (part: number) => String(part).padStart(2, '0');
  const parts: Readonly<Record<string, string>> = {
    Y: String(date.getFullYear()),
    y: two(date.getFullYear() % 100),
    m: two(date.getMonth() + 1),
    d: two(date.getDate()),
    H: two(date.getHours()),
    M: two(date.getMinutes()),
    S: two(date.getSeconds()),
  };
  return format.replace(/%([YymdHMS])/g, (_, part: string) => parts[part]);
}

function withinBytes(text: string): string {
  const encoder = new TextEncoder();
  let bytes = 0;
  for (const [at, letter] of [...text].entries()) {
    bytes += encoder.encode(letter).length;
    if (bytes > MAX_BYTES) return [...text].slice(0, at).join('');
  }
  return text;
}

/**
 * The name with its ending, or with a number behind it where it is taken: `a fox (2).png`.
 * @param from the number to begin with; 1 is none
 */
export async function freeName(
  name: string,
  ending: string,
  isTaken: (name: string) => boolean | Promise<boolean>,
  from = 1,
): Promise<{ free: string; number: number }> {
  const numbered = (number: number) => (number === 1 ? `${name}.${ending}` : `${name} (${number}).${ending}`);
  let number = from;
  while (await isTaken(numbered(number))) number++;
  return { free: numbered(number), number };
}
