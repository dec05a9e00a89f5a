import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cleanText } from '../../core/text/clean-text';
import { openTokenizer, type Tokenizer } from '../runtime/tokenizer';
import { memoryFiles } from '../weights/memory-files';

/**
 * Odd texts with the tokens that OpenAI's own tokenizer gives them (openai/CLIP, simple_tokenizer.py, run with ftfy 6.3
 * and without its `html.unescape`, which transformers' CLIPTokenizer does not have either).
 */
const TEXTS = JSON.parse(readFileSync(new URL('../fixtures/clip-texts.json', import.meta.url), 'utf8')) as [string, number[]][]; // biome-ignore format: one thought

describe('the tokens (wild 24) of', () => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    const folder = join(import.meta.dirname, '../../../models/clip/tokenizer');
    const names = ['vocab.json', 'merges.txt', 'tokenizer_config.json'] as const;
    const read = (name: string) => {
      try {
        return [[`tokenizer/${name}`, new Uint8Array(readFileSync(join(folder, name)))] as const];
      } catch {
        return [];
      }
    };
    tokenizer = await openTokenizer(memoryFiles('clip', Object.fromEntries(names.flatMap(read))));
  });

  it.each(TEXTS)('%j', (text, ids) => expect(tokenizer.encode(cleanText(text))).toEqual(ids));
});
