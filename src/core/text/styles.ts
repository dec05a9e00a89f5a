import { EaselError, said } from '../errors';
import { parseCsv, writeCsv } from './csv';

/** A style as A1111 has it: words that come to a prompt and a negative prompt, which `{prompt}` stands for in them. */
export interface Style {
  name: string;
  prompt: string;
  negativePrompt: string;
}

/** The place in a style's text where the prompt goes. */
const PLACE = '{prompt}';

/**
 * A prompt in a style's words, as A1111's `merge_prompts`: in the place of each `{prompt}`, or where there is none
 * before them, with a comma between.
 */
function merged(style: string, prompt: string): string {
  if (style.includes(PLACE)) return style.replaceAll(PLACE, () => prompt);
  return [prompt, style]
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .join(', ');
}

/** Prompts in several styles, one after another: `{prompt}` of a later one holds the words of those before. */
export function withStyles<T extends { prompt: string; negativePrompt: string }>(
  texts: T,
  styles: readonly Style[],
): T {
  let { prompt, negativePrompt } = texts;
  for (const style of styles) {
    prompt = merged(style.prompt, prompt);
    negativePrompt = merged(style.negativePrompt, negativePrompt);
  }
  return { ...texts, prompt, negativePrompt };
}

/**
 * The styles in A1111's `styles.csv`: columns by their names, the prompt's called `text` in old ones. Rows without a
 * name are left out; of two of one name the later counts.
 * @throws EaselError `corrupt` for a broken CSV file, `unsupported` for one that is no list of styles
 */
export function readStyles(text: string): Style[] {
  const [head = [], ...rows] = parseCsv(text);
  const columns = head.map((name) => name.trim().toLowerCase());
  const [name, prompt, negative] = [['name'], ['prompt', 'text'], ['negative_prompt']].map((names) =>
    columns.findIndex((column) => names.includes(column)),
  );
  if (name < 0 || prompt < 0)
    throw new EaselError(
      'unsupported',
      said`This is no list of styles: its first line has no columns “name” and “prompt”.`,
    );
  const styles = rows
    .filter((row) => (row[name] ?? '') !== '')
    .map((row) => ({ name: row[name], prompt: row[prompt] ?? '', negativePrompt: row[negative] ?? '' }));
  return [...new Map(styles.map((style) => [style.name, style])).values()];
}

/** Whether a CSV file is a list of styles, by its first line. */
export const isStyles = (text: string): boolean =>
  /^\uFEFF?\s*"?name"?\s*,\s*"?(prompt|text)"?\s*(,|\r?\n|$)/i.test(text);

/** Styles as A1111 writes them: with a byte order mark, since it reads `utf-8-sig`. */
export function writeStyles(styles: readonly Style[]): string {
  const rows = styles.map(({ name, prompt, negativePrompt }) => [name, prompt, negativePrompt]);
  return `\uFEFF${writeCsv([['name', 'prompt', 'negative_prompt'], ...rows])}`;
}
