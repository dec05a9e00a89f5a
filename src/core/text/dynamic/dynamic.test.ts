import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foreignTemplate, missingWildcards, resolveTemplate, withoutTemplateMarks } from './resolve';
import { isTemplate, parseTemplate, wildcardName } from './template';
import { wildcardLines, wildcardsFrom } from './wildcards';

const WILDCARDS = wildcardsFrom([
  ['animal', ['fox', 'owl', '{red|grey} squirrel']],
  ['artists/dutch/old', ['Vermeer']],
  ['artists/dutch', ['Mondrian']],
  ['artists/finnish', ['Schjerfbeck', 'Mondrian']],
  ['any', ['__animal__', '__artists/finnish__']],
  ['loop', ['a __loop__']],
  ['ping', ['__pong__']],
  ['pong', ['__ping__']],
  ['twice', ['__twice__ __twice__', '__twice__ and __twice__']],
  ['empty', []],
]);

/** Every text that a template comes to with so many seeds. */
const textsOf = (template: string, seeds = 400): string[] =>
  [...new Set(Array.from({ length: seeds }, (_, seed) => resolveTemplate(template, seed, WILDCARDS)))].sort();

// The examples of docs/SYNTAX.md of dynamicprompts, and what its parser makes of the rest.
describe('a template', () => {
  it.each([
    ['{summer|autumn} is coming', ['autumn is coming', 'summer is coming']],
    ['{{rose|white} gold|platinum} ring', ['platinum ring', 'rose gold ring', 'white gold ring']],
    ['a {|red }fox', ['a fox', 'a red fox']],
    ['{~a|b}', ['a', 'b']],
    ['{one}', ['one']],
    ['{2$$a|b}', ['a, b', 'b, a']],
    ['{2$$ and $$a|b}', ['a and b', 'b and a']],
    ['{2$$ | $$ a | b }', ['a | b', 'b | a']],
    ['{1-2$$a|b}', ['a', 'a, b', 'b', 'b, a']],
    ['{-2$$a|b}', ['a', 'a, b', 'b', 'b, a']],
    ['{1-$$a|b}', ['a', 'a, b', 'b', 'b, a']],
    ['{0-1$$a|b}', ['', 'a', 'b']],
    ['{4$$a|b}', ['a, b', 'b, a']],
    ['{0::a|1::b}', ['b']],
    ['{0.5::a|.5::{c|d}}', ['a', 'c', 'd']],
    ['__animal__!', ['fox!', 'grey squirrel!', 'owl!', 'red squirrel!']],
    ['__~ANIMAL__', ['fox', 'grey squirrel', 'owl', 'red squirrel']],
    ['{2$$__artists/finnish__}', ['Mondrian, Schjerfbeck', 'Schjerfbeck, Mondrian']],
    ['__artists/*__', ['Mondrian', 'Schjerfbeck']],
    ['__artists/**__', ['Mondrian', 'Schjerfbeck', 'Vermeer']],
    ['__artists/[df]utch*__', ['Mondrian']],
    ['__any__', ['Mondrian', 'Schjerfbeck', 'fox', 'grey squirrel', 'owl', 'red squirrel']],
    ['<lora:{ink|oil}:0.{5|7}>', ['<lora:ink:0.5>', '<lora:ink:0.7>', '<lora:oil:0.5>', '<lora:oil:0.7>']],
  ])('%s', (template, texts) => {
    expect(isTemplate(template)).toBe(true);
    expect(textsOf(template)).toEqual(texts);
  });

  it.each([
    'a fox, (red:1.2), [cat|dog:0.5]',
    'a {red fox',
    'a red} fox | {',
    'snake_case, ^__^, ____',
    String.raw`a \{red|blue\} fox`,
    'a fox # {red|blue} __nowhere__',
    `\${season=winter}`,
    '{@red|blue} and __@animal__',
    '__animal(colour=red)__',
  ])('is none, and stays as it is: %s', (prompt) => {
    expect(isTemplate(prompt)).toBe(false);
    expect(textsOf(prompt, 3)).toEqual([prompt]);
  });

  it('chooses within a brace that is never closed', () => {
    expect(textsOf('{2$$x {a|b} | 3::__artists/dutch__')).toEqual(['{2$$x a | 3::Mondrian', '{2$$x b | 3::Mondrian']);
  });

  it('chooses as often as weights say, by seeds one after another', () => {
    const of = (template: string, text: string) =>
      Array.from({ length: 3000 }, (_, seed) => resolveTemplate(template, seed, WILDCARDS)).filter((it) => it === text).length; // biome-ignore format: one line
    // Five standard deviations of 3000 draws: 5 sqrt(3000 p (1 - p)).
    expect(Math.abs(of('{3::a|b}', 'a') - 2250)).toBeLessThan(119);
    expect(Math.abs(of('{a|b|c}', 'b') - 1000)).toBeLessThan(130);
  });

  it('is the same for the same seed, and draws apart in each text of a request', () => {
    const template = '{a|b|c|d} {a|b|c|d} {2$$__animal__|__any__}';
    expect(resolveTemplate(template, 7, WILDCARDS)).toBe(resolveTemplate(template, 7, WILDCARDS));
    const apart = Array.from({ length: 50 }, (_, seed) =>
      resolveTemplate(template, seed, WILDCARDS, 1) === resolveTemplate(template, seed, WILDCARDS)); // biome-ignore format: one thought
    expect(apart).toContain(false);
  });
});

describe('what cannot be resolved', () => {
  it.each([
    ['__nowhere__', 'There is no wildcard “nowhere”. Drop nowhere.txt on the page, or write the list under Wildcards.'],
    ['__artists/x*__', 'No wildcard list fits “artists/x*”. Drop the text files on the page'],
    ['__empty__', 'The wildcard “empty” has no lines.'],
    ['__loop__', 'The wildcard “loop” names itself without end.'],
    ['__ping__', 'The wildcards “ping”, “pong” name each other without end.'],
    ['{2$$__twice__}', 'The wildcard “twice” names itself without end.'],
  ])('%s is told in a sentence', (template, message) => {
    expect(() => resolveTemplate(template, 1, WILDCARDS)).toThrow(message);
  });

  it('is known before, also behind the lists that lead to it', () => {
    const wildcards = wildcardsFrom([['a', ['x', '{__b__|__gone__}']], ['b', ['__a__', '__far/*__']]]); // biome-ignore format: one thought
    expect(missingWildcards('{x|__a__} __here__ __a__', wildcards).sort()).toEqual(['far/*', 'gone', 'here']);
    expect(missingWildcards('__ping__ __any__', WILDCARDS)).toEqual([]);
  });

  it('says what looks like the language and is not understood, each once', () => {
    const prompt = `a \${x={a|b}} __@animal__ {@a|{b|c}} __x(a=b)__ {@a|{b|c}} {red|blue} # {@no}`;
    expect(foreignTemplate(prompt)).toEqual([`\${x={a|b}}`, '__@animal__', '{@a|{b|c}}', '__x(a=b)__']);
    expect(foreignTemplate('a fox, [a|b], __ and a__b, a {red fox')).toEqual([]);
  });
});

it('leaves the words of a template where they stand, without its marks', () => {
  const template = 'a {2$$red|3::blue} __animal__ {fox';
  const words = withoutTemplateMarks(template);
  expect(words).toBe('a     red    blue             {fox');
  expect(words).toHaveLength(template.length);
});

it('gives any text a name that templates can say', () => {
  expect(wildcardName('Artists\\old__masters (1).v2/')).toBe('Artists/old_masters -1-.v2');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const name = wildcardName(text);
      expect(parseTemplate(`a__${name}__b`).pieces).toEqual(['a', { kind: 'wildcard', pattern: name }, 'b']);
      expect(wildcardName(name)).toBe(name);
    }),
  );
});

it('reads a wildcard file: a value a line, comments and empty lines aside', () => {
  expect(wildcardLines('\uFEFF# Seasons\r\nsummer\r\n\r\n  {autumn|fall} \n#winter\rspring')).toEqual([
    'summer',
    '{autumn|fall}',
    'spring',
  ]);
});
