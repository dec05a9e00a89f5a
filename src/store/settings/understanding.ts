import type { Repertoire } from '../../core/repertoire';
import { withoutTemplateMarks } from '../../core/text/dynamic/resolve';
import { isTemplate } from '../../core/text/dynamic/template';
import { nearestTo } from '../../core/text/nearest';
import { type Understood, understand } from '../../core/text/understand';
import { texts } from '../../texts/store';
import { changeSettings, useSettings } from './settings';

/** What a model makes of a prompt, and what the page says of it. */
export interface Judged extends Understood {
  /** Words without effect, and what could stand in their place. */
  ignored: readonly string[];
  suggestions: readonly { word: string; texts: readonly string[] }[];
  /** Something is asked for, but nothing that could be painted. */
  isLost: boolean;
  /** More than the model was trained to paint at a time, in a sentence. */
  excess: string | undefined;
}

/** Captions had so many things at most. */
const MOST_THINGS = 3;

/** What goes beyond, a small model does not read either; and so many words are named. */
const MOST_TEXT = 2000;
const MOST_WORDS = 12;

/** Judges a prompt by what the model was trained to paint. */
export function judge(prompt: string, repertoire: Repertoire): Judged {
  const understood = understand(withoutTemplateMarks(prompt.slice(0, MOST_TEXT)), repertoire);
  const { things, ignored } = understood;
  const suggestions = ignored.slice(0, MOST_WORDS).map((word) => ({ word, texts: nearestTo(word, repertoire) }));
  // What a template comes to, nobody knows yet.
  const isLost = things.length === 0 && prompt.trim() !== '' && !isTemplate(prompt);
  return { ...understood, suggestions, isLost, excess: excessOf(understood) };
}

function excessOf({ things, scenes, styles }: Understood): string | undefined {
  if (things.length > MOST_THINGS) return texts.upToThings(MOST_THINGS);
  if (scenes.length > 1) return texts.oneScene;
  return styles.length > 1 ? texts.oneStyle : undefined;
}

/** A prompt with a word in another's place, wherever the word stands by itself. */
export function replaceWord(prompt: string, word: string, text: string): string {
  const escaped = word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll("'", "['’]");
  return prompt.replace(new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'giu'), () => text);
}

/** Adds a thing, a colour, a style or a place to the prompt. */
export function addToPrompt(text: string): void {
  const { prompt } = useSettings.getState().values;
  const before = prompt.trimEnd();
  const isPlace = /^(in|on|at|under|among|high|deep|floating) /.test(text);
  changeSettings({ prompt: before === '' ? text : `${before}${isPlace || before.endsWith(',') ? '' : ','} ${text}` });
}
