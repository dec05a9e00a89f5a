import { expect, it } from 'vitest';
import { spoken } from '../core/errors';
import { namedEmbeddings, namingLoras, usedAdapters } from './adapters';

const known = { loras: [{ name: 'ink' }, { name: 'oil' }], embeddings: [{ word: 'EasyNegative' }, { word: 'fox-ti' }] };
const used = (prompt: string, negativePrompt = '', other = '') =>
  usedAdapters({ prompt, negativePrompt }, known, other);

it('uses the LoRAs that the prompt names, at its weights, and no other that is there', () => {
  expect(used('a fox <lora:ink:0.5:0.25>').loras).toEqual([
    { lora: { name: 'ink' }, mention: 'ink', textWeight: 0.5, unetWeight: 0.25 },
  ]);
  expect(used('a fox, oil on canvas')).toEqual({ loras: [], embeddings: [], missing: [] });
});

it('finds a LoRA in another case and with its file’s ending (wild 20)', () => {
  expect(used('<lora:INK:0.5> <lora:Oil.safetensors:1>')).toMatchObject({ loras: [{ lora: { name: 'ink' } }, { lora: { name: 'oil' } }], missing: [] }); // biome-ignore format: one thought
});

it('finds a LoRA by what its training called it, unless a file has that name, or two have (wild 20)', () => {
  const loras = [{ name: 'ink', alias: 'Oil' }, { name: 'oil', alias: 'pen_v2' }, { name: 'wash', alias: 'Wet' }, { name: 'gouache', alias: 'wet' }]; // biome-ignore format: one thought
  const found = (prompt: string) => {
    const { loras: used, missing } = usedAdapters({ prompt, negativePrompt: '' }, { loras, embeddings: [] });
    return [used.map(({ lora, mention }) => [mention, lora.name]), missing];
  };
  expect(found('<lora:PEN_V2.safetensors:0.5>')).toEqual([[['PEN_V2.safetensors', 'oil']], []]);
  expect(found('<lora:oil:1>')).toEqual([[['oil', 'oil']], []]);
  expect(found('<lora:wet:1>')).toEqual([[], ['wet']]);
});

it('takes LoRAs from the prompt alone, not from the negative one or a walk’s end', () => {
  expect(used('a fox', '<lora:ink:1>', '<lora:oil:1>').loras).toEqual([]);
});

it('names the LoRAs that are not there', () => {
  expect(used('<lora:gone:1> <lora:ink:1>')).toMatchObject({ missing: ['gone'], loras: [{ lora: { name: 'ink' } }] });
});

it('uses embeddings whose words stand in any of the texts, in whatever case', () => {
  const words = (...texts: [string, string?, string?]) => used(...texts).embeddings.map(({ word }) => word);
  expect(words('a fox', 'easynegative')).toEqual(['EasyNegative']);
  expect(words('a FOX-TI in the snow')).toEqual(['fox-ti']);
  expect(words('a fox', '', 'a fox-ti')).toEqual(['fox-ti']);
  expect(words('a fox')).toEqual([]);
  expect(namedEmbeddings({ prompt: 'one', negativePrompt: 'two' }, [{ word: 'Two' }, { word: 'three' }])).toEqual([
    { word: 'Two' },
  ]);
});

it('a LoRA that is switched on without a word of the prompt’s is named in it, so that the rule and the text hold', () => {
  const prompt = namingLoras('a fox <lora:ink:0.5>', ['ink', 'oil']);
  expect(prompt).toBe('a fox <lora:ink:0.5> <lora:oil:1>');
  expect(used(prompt).loras.map(({ lora: { name }, unetWeight }) => [name, unetWeight])).toEqual([
    ['ink', 0.5],
    ['oil', 1],
  ]);
});

it('takes LoRAs and embeddings of a second pass’s prompts for both passes, and says so', () => {
  const both = (prompt: string, hiresPrompt: string, hires = true) =>
    usedAdapters({ prompt, negativePrompt: '', hires, hiresPrompt, hiresNegativePrompt: 'easynegative' }, known);
  const added = both('a fox <lora:ink:0.5>', 'fur <lora:ink:0.8> <lora:oil:1>');
  expect(added.loras.map(({ lora: { name }, unetWeight }) => [name, unetWeight])).toEqual([
    ['ink', 0.5],
    ['oil', 1],
  ]);
  expect(added.embeddings).toEqual([{ word: 'EasyNegative' }]);
  const words = ({ note }: typeof added) => note && spoken(note);
  expect(words(added)).toMatch(/^LoRAs act in both passes alike/);
  expect(words(both('a fox <lora:ink:0.5>', 'fur'))).toMatch(/both passes/);
  expect(both('<lora:ink:0.5> a <lora:oil:1>', '<lora:Oil:1> b <lora:ink:0.5>').note).toBeUndefined();
  expect(both('<lora:ink:0.5>', '').note).toBeUndefined();
  expect(both('<lora:ink:0.5>', 'fur', false).note).toBeUndefined();
});
