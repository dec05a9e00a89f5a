import { inflateSync } from 'node:zlib';
import { readText, withText } from '../../../core/image/png-chunks';
import { readParameters, writeParameters } from '../../../core/request/parameters';
import { readSettingsText } from '../../../core/request/programs/index';
import { DEFAULT_REQUEST, parseRequest } from '../../../core/request/request';
import { cleanText } from '../../../core/text/clean-text';
import { completionAt } from '../../../core/text/completion';
import { splitPrompts } from '../../../core/text/composition';
import { parseCsv } from '../../../core/text/csv';
import { foreignTemplate, resolveTemplate } from '../../../core/text/dynamic/resolve';
import { wildcardLines, wildcardsFrom } from '../../../core/text/dynamic/wildcards';
import { saysWord, withWords } from '../../../core/text/embedding-words';
import { extraNetworks, withLora, withLoraCalled } from '../../../core/text/extra-networks';
import { namesIn } from '../../../core/text/named';
import { parsePrompt, plainText } from '../../../core/text/prompt-syntax';
import { scheduledTexts } from '../../../core/text/schedule';
import { TagIndex } from '../../../core/text/tags';
import { tokenizePrompt } from '../../../core/text/windows';
import { pictureFileName } from '../../../store/gallery/file-name';
import { changeWeight } from '../../../store/settings/prompt-weight';
import { judge, replaceWord } from '../../../store/settings/understanding';

/** A token for each word: how long a real tokenizer takes is its own affair. */
const words = { encode: (text: string) => (text.match(/,|[^\s,]+/g) ?? []).map(() => 5), bos: 1, eos: 2, pad: 3 };
const worded = withWords(words, new Map([['style', [7]], ['<<x>>', [8]], ['((((b', [9]]])); // biome-ignore format: one thought
const wildcards = wildcardsFrom([['a', ['b', '{c|__a__}']]]);
const PNG = Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 0, 73, 68, 65, 84, 0, 0, 0, 0]);
const inflate = async (bytes: Uint8Array) => inflateSync(bytes);
const REPERTOIRE = {
  things: [{ name: 'fox' }, { name: 'polar bear', also: ['bear'] }],
  near: { wolf: ['fox'] },
  colours: ['red'],
  grounds: ['red'],
  scenes: [{ name: 'snow', phrases: ['in the snow', 'in a snowy landscape'] }],
  styles: ['pixel art'],
};
const WORDS = [{ kind: 'lora', name: 'ink' } as const, { kind: 'wildcard', name: 'a_b' } as const];
const middle = (text: string) => ({ text, selectionStart: text.length / 2, selectionEnd: text.length / 2 });

/**
 * Every function that reads a text of people or of their files. What it gives is of no interest here; it may refuse.
 */
export const TEXT_FUNCTIONS: Readonly<Record<string, (text: string) => unknown>> = {
  parsePrompt,
  plainText,
  extraNetworks,
  withLora: (text) => withLora(text, 'x', 0.7),
  withLoraCalled: (text) => withLoraCalled(text, 'x', 'y'),
  saysWord: (text) => saysWord(text, 'style'),
  cleanText,
  foreignTemplate,
  resolveTemplate: (text) => resolveTemplate(text, 1, wildcards),
  wildcardLines,
  splitPrompts,
  scheduledTexts: (text) => scheduledTexts(text, 1),
  tokenizePrompt: (text) => tokenizePrompt(text, worded),
  namesIn: (text) => namesIn(text, ['fox', 'hot dog']),
  judge: (text) => judge(text, REPERTOIRE),
  completionAt: (text) =>
    completionAt(text, text.length, { repertoire: REPERTOIRE, words: WORDS, tags: new TagIndex() }),
  parseCsv,
  replaceWord: (text) => replaceWord(text, 'fox', 'dog'),
  pictureFileName: (prompt) => pictureFileName(1, { seed: 1, prompt }),
  changeWeight: (text) => changeWeight(middle(text), 0.1),
  parseRequest: (prompt) => parseRequest({ prompt }),
  'readParameters, prompt': (text) => readParameters(`${text}\nSteps: 5, Seed: 1, Size: 64x64`),
  'readParameters, settings': (text) => readParameters(`a fox\nSteps: 5, Seed: 1, Sampler: ${text}`),
  'readParameters, hashes': (text) => readParameters(`a fox\nSteps: 5, Seed: 1, Lora hashes: ${text}`),
  readSettingsText,
  writeParameters: (prompt) => writeParameters({ ...DEFAULT_REQUEST, prompt }, { model: prompt, schedule: 'karras' }),
  'withText, readText': (text) => readText(withText(PNG, 'parameters', text), 'parameters', inflate),
};
