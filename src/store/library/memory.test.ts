import { beforeEach, describe, expect, it } from 'vitest';
import { said } from '../../core/errors';
import { WASM_BYTES } from '../../core/memory-need';
import type { DeviceReport } from '../../engine/protocol';
import { CATALOGUE } from '../../library/catalogue';
import { readSlot } from '../persistence/persisted';
import { formatFit } from './labels';
import { fitHere, MEMORY_SLOT, useDevice, useMemory } from './memory';

const CARD: DeviceReport = {
  provider: 'webgpu',
  precision: 'float16',
  name: 'a card',
  threads: 2,
  reason: said`A test.`,
};
const CPU: DeviceReport = { ...CARD, provider: 'wasm', precision: 'float32', name: '2 threads' };
const KEY = 'webgpu float16 a card';

beforeEach(() => {
  useMemory.setState(useMemory.getInitialState(), true);
  useDevice.setState({ device: undefined });
});

const stored = (text: string) =>
  readSlot(MEMORY_SLOT, { getItem: () => text, setItem: () => undefined, removeItem: () => undefined });

describe('what was found out', () => {
  it('is read as the first version wrote it', () => {
    const text = `{"v":1,"value":{"rooms":{"${KEY}":{"held":1000000000,"failed":5000000000}},"plans":{"${KEY} / model:big":"in-turn"}}}`;
    expect(stored(text)).toEqual({
      rooms: { [KEY]: { held: 1e9, failed: 5e9 } },
      plans: { [`${KEY} / model:big`]: 'in-turn' },
    });
  });

  it('loses what cannot stand, and no more', () => {
    const text = `{"v":1,"value":{"rooms":{"a":{"held":-1},"b":{"held":7}},"plans":{"a / x":"sideways"}}}`;
    expect(stored(text)).toEqual({ rooms: { a: {}, b: { held: 7 } }, plans: { 'a / x': 'together' } });
    expect(stored('{"v":1,"value":[]}')).toBeUndefined();
  });
});

describe('the catalogue’s words', () => {
  const entry = (id: string) => CATALOGUE.find((one) => one.id === id)!;
  const words = (id: string, device: DeviceReport) => {
    useDevice.setState({ device });
    const fit = fitHere(entry(id).shape!)!;
    return `${fit.verdict}: ${formatFit(fit, device, entry(id).shape!.side)}`;
  };

  it('say what is known, and that browsers do not tell a card’s memory', () => {
    expect(fitHere(entry('dreamshaper-8').shape!)).toBeUndefined(); // the device is not known yet
    expect(words('dreamshaper-8', CARD)).toBe(
      'unknown: needs about 5.0 GB on the graphics card; the browser does not say how much yours has',
    );
    useMemory.setState({ rooms: { [KEY]: { held: 6e9 } } });
    expect(words('dreamshaper-8', CARD)).toBe(
      'fits: needs about 5.0 GB on the graphics card; as much has run here before',
    );
    useMemory.setState({ rooms: { [KEY]: { failed: 4e9 } } });
    expect(words('dreamshaper-8', CARD)).toBe(
      'unknown: needs about 2.8 GB on the graphics card, with its parts loaded in turn (slower); 4.0 GB did not fit here before',
    );
    expect(words('stable-diffusion-xl-base-1.0', CARD)).toMatch(
      /^does-not-fit: needs about 8\.\d GB .*4\.0 GB did not/,
    );
  });

  it('say of the CPU what WebAssembly addresses', () => {
    const most = `${(WASM_BYTES / 1e9).toFixed(1)} GB at most`;
    expect(words('dreamshaper-8', CPU)).toMatch(
      new RegExp(
        `^tight: needs about 4\\.0 GB on the CPU \\(minutes a picture\\), with its .*in turn.*; a browser gives it ${most}`,
      ),
    );
  });
});
