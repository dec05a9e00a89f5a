import { expect, it } from 'vitest';
import { readSlot, type Slot, writeSlot } from './persisted';

const SLOT: Slot<{ theme: string }> = {
  key: 'test',
  v: 3,
  migrations: {
    1: (value) => ({ dark: value === 'dark' }),
    2: (value) => ({ theme: (value as { dark: boolean }).dark ? 'dark' : 'light' }),
  },
  parse: (value) => value as { theme: string },
};
const holding = (text: string) => ({ getItem: () => text, setItem: () => {} });

it('lifts old values one version at a time', () => {
  expect(readSlot(SLOT, holding('{"v":1,"value":"dark"}'))).toEqual({ theme: 'dark' });
  expect(readSlot(SLOT, holding('{"v":2,"value":{"dark":false}}'))).toEqual({ theme: 'light' });
});

it('leaves values of a newer or unknown version alone', () => {
  expect(readSlot(SLOT, holding('{"v":4,"value":{}}'))).toBeUndefined();
  expect(readSlot(SLOT, holding('{"v":0,"value":{}}'))).toBeUndefined();
});

it('goes on when the disk refuses', () => {
  const full = {
    getItem: () => null,
    setItem: () => {
      throw new Error('full');
    },
  };
  expect(() => writeSlot(SLOT, { theme: 'dark' }, full)).not.toThrow();
});
