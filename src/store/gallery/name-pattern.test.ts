import { describe, expect, it } from 'vitest';
import { DEFAULT_REQUEST } from '../../core/request/request';
import { freeName, nameBy, unknownWords } from './name-pattern';

const record = (over: object = {}) => ({
  number: 12,
  paintedAt: new Date(2026, 10, 3, 7, 5, 9).getTime(),
  model: 'Easel Starter',
  width: 512,
  height: 768,
  request: {
    ...DEFAULT_REQUEST,
    prompt: 'a (red:1.2) fox, <lora:winter:0.8> in: snow?',
    seed: 7,
    steps: 20,
    cfgScale: 7.5,
    sampler: 'euler_a' as const,
    schedule: 'karras' as const,
    ...over,
  },
});

describe('a pattern names a file', () => {
  // The words are A1111's (modules/images.py), whose [prompt] has underscores for spaces.
  it.each([
    ['[date]-[seed]-[prompt]', '2026-11-03-7-a_red_fox,_in_snow'],
    ['[seed] [prompt_spaces]', '7 a red fox, in snow'],
    ['[prompt_words]', 'a red fox in snow'],
    ['[datetime]', '20261103070509'],
    ['[datetime<%d.%m.%y %H-%M-%S>]', '03.11.26 07-05-09'],
    ['[DateTime<%Y>]', '2026'],
    ['[steps]-[cfg]-[sampler]-[scheduler]', '20-7.5-Euler a-Karras'],
    ['[width]x[height] [model_name]', '512x768 Easel Starter'],
    ['[number]', '00012'],
    ['plain', 'plain'],
    ['[seed]-[what]', '7-[what]'],
    ['a/b\\c:[seed]', 'a b c 7'],
    ['', '00012'],
    ['...', '00012'],
  ])('%s: %s', (pattern, name) => {
    expect(nameBy(pattern, record())).toBe(name);
  });

  it('without a dash where the prompt is empty', () => {
    expect(nameBy('[seed]-[prompt]', record({ prompt: '' }))).toBe('7');
  });

  it('that every file system takes, however long and whatever letters', () => {
    const name = nameBy('[prompt]-[prompt]-[prompt]', record({ prompt: '狐'.repeat(500) }));
    expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(200);
    expect(name).toMatch(/^狐+$/);
  });
});

it('tells which words stand for nothing', () => {
  expect(unknownWords('[date]-[sede]-[datetime<%Y>]-[styles]')).toEqual(['[sede]', '[styles]']);
});

it('appends a number where a name is taken', async () => {
  const taken = ['a.png', 'a (2).png'];
  const isTaken = async (name: string) => taken.includes(name);
  expect(await freeName('a', 'png', isTaken)).toEqual({ free: 'a (3).png', number: 3 });
  expect(await freeName('b', 'png', isTaken)).toEqual({ free: 'b.png', number: 1 });
  expect(await freeName('a', 'png', isTaken, 7)).toEqual({ free: 'a (7).png', number: 7 });
});
