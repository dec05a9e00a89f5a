import { describe, expect, it } from 'vitest';
import { completionAt } from './completion';
import { parseCsv } from './csv';
import { TagIndex, tagOf } from './tags';

const REPERTOIRE = {
  things: [{ name: 'polar bear' }, { name: 'bear' }, { name: 'T-Rex' }, { name: 'beach with umbrella' }],
  near: {},
  colours: ['teal'],
  grounds: [],
  scenes: [{ name: 'beach', phrases: ['on the beach'] }],
  styles: ['pixel art'],
};

/** As tag-complete's danbooru.csv has them. */
const TAGS = `1girl,0,4114588,"1girls,sole_female"
blue_eyes,0,1217487,
blue_sky,0,200000,"sky_blue"
blush_stickers,0,90000,
rem_(re:zero),4,5000,
:d,0,400000,
^_^,0,90000,
black_cat,0,700,`;

const tags = new TagIndex();
for (const row of parseCsv(TAGS)) {
  const tag = tagOf(row);
  if (tag) tags.add(tag);
}
Array.from(tags.sort());

const SOURCES = {
  repertoire: REPERTOIRE,
  words: [
    { kind: 'lora', name: 'Ink Wash' },
    { kind: 'lora', name: 'thin_ink' },
    { kind: 'embedding', name: 'EasyNegative' },
    { kind: 'trigger', name: 'inkwashstyle' },
    { kind: 'style', name: 'Film noir' },
    { kind: 'wildcard', name: 'animal' },
    { kind: 'wildcard', name: 'artists/dutch_old' },
  ],
  tags,
} as const;

/** What completes the prompt at "|". */
function completed(marked: string): string[] {
  const caret = marked.indexOf('|');
  const text = marked.replace('|', '');
  const { start, items } = completionAt(text, caret, SOURCES);
  return items.map(({ insert }) => text.slice(0, start) + insert + text.slice(caret));
}

describe('completes names of the model', () => {
  it.each([
    ['a be|', ['a bear', 'a beach with umbrella']],
    ['a polar b|', ['a polar bear']],
    ['a BEA|, red', ['a bear, red', 'a beach with umbrella, red']],
    ['a cat on the|', ['a cat on the beach']],
    ['a te|', ['a teal']],
    ['a bear, pix|', ['a bear, pixel art']],
    ['t-|', ['T-Rex']],
    ['a b|', []],
    ['a bear|', []],
    ['a be|ar', []],
    ['|', []],
  ])('%s', (marked, texts) => {
    expect(completed(marked)).toEqual(texts);
  });
});

describe('completes what the person has', () => {
  it.each([
    ['a fox <|', ['a fox <lora:Ink Wash:1>', 'a fox <lora:thin_ink:1>']],
    ['a fox <lor|', ['a fox <lora:Ink Wash:1>', 'a fox <lora:thin_ink:1>']],
    ['<lora:ink|, b', ['<lora:Ink Wash:1>, b', '<lora:thin_ink:1>, b']],
    ['<lora:thin_|', ['<lora:thin_ink:1>']],
    ['<lora:ink:1> |', []],
    ['ink w|', ['<lora:Ink Wash:1>']],
    ['a ink|', ['a <lora:Ink Wash:1>', 'a inkwashstyle']],
    ['easyn|', ['EasyNegative']],
    ['a __|', ['a __animal__', 'a __artists/dutch_old__']],
    ['a __an|', ['a __animal__']],
    ['a __artists/dutch_o|', ['a __artists/dutch_old__']],
    ['{red, __ol|', ['{red, __artists/dutch_old__']],
    ['a __animal__|', []],
    ['__animal__ and __dut|', ['__animal__ and __artists/dutch_old__']],
  ])('%s', (marked, texts) => {
    expect(completed(marked)).toEqual(texts);
  });
});

describe('completes tags of a list', () => {
  it.each([
    ['blue e|', ['blue eyes']],
    ['blue_|', ['blue eyes', 'blue sky']],
    ['a girl with bl|', ['a girl with blue eyes', 'a girl with blue sky', 'a girl with blush stickers', 'a girl with black cat']],
    ['rem|', ['rem \\(re:zero\\)']],
    ['sky b|', ['blue sky']],
    ['sole|', ['1girl']],
  ])('%s', (marked, texts) => {
    expect(completed(marked)).toEqual(texts);
  }); // biome-ignore format: one line each

  it('says how often a tag is used, and which other name it was found by', () => {
    expect(tags.beginningWith('1g', 2)).toMatchObject([{ label: '1girl', note: '4.1M' }]);
    expect(tags.beginningWith('sky bl', 2)).toMatchObject([{ label: 'blue sky', note: 'sky blue, 200k' }]);
    expect(tags.beginningWith('^_', 2)).toMatchObject([{ label: '^_^', insert: '^_^', note: '90k' }]);
  });

  it('reads lists of other shapes: a name alone, or with a count', () => {
    expect([['fox'], ['fox', '12'], ['fox', '0', '12', 'vixen, reynard'], ['']].map(tagOf)).toEqual([
      { name: 'fox', count: 0, also: [] },
      { name: 'fox', count: 12, also: [] },
      { name: 'fox', count: 12, also: ['vixen', 'reynard'] },
      undefined,
    ]);
  });
});

it('offers a style by its name, which is taken out of the prompt: it is chosen instead', () => {
  for (const typed of ['a fox, fi', 'a fox, film no', 'a fox, Film noir']) {
    const { start, items } = completionAt(typed, typed.length, SOURCES);
    expect([start, items]).toEqual([7, [{ kind: 'style', label: 'Film noir', insert: '' }]]);
  }
});
