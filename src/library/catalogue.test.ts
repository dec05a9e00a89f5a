import { expect, it } from 'vitest';
import { CATALOGUE, firstChoice } from './catalogue';
import { readAddress } from './sources/address';

it('names each entry once, by an address that could be typed, with a licence and what it is good at', () => {
  expect(new Set(CATALOGUE.map(({ id }) => id)).size).toBe(CATALOGUE.length);
  for (const { address, licence, goodAt, kind, prompt, steps, goesWith } of CATALOGUE) {
    const { repository, path } = address;
    const typed = path ? `https://huggingface.co/${repository}/blob/main/${path}` : repository;
    expect(readAddress(typed)).toEqual(address);
    if (path) expect(path).toMatch(/\.safetensors$/);
    expect(licence).not.toBe('');
    expect(goodAt).toMatch(/^[A-Z].*\.$/);
    if (kind === 'model') expect([prompt, steps]).not.toContain(undefined);
    else expect(CATALOGUE.find(({ id }) => id === goesWith)?.kind).toBe('model');
  }
});

it('begins with the first model that opens and is known to fit', () => {
  expect(firstChoice()?.id).toBe('dreamshaper-8-lcm');
  expect(firstChoice(8e9)?.id).toBe('dreamshaper-8-lcm');
  expect(firstChoice(4e9)).toBeUndefined();
  const [first, ...others] = CATALOGUE;
  expect(firstChoice(8e9, [{ ...first, opens: false }, ...others])?.id).toBe('dreamshaper-8');
});
