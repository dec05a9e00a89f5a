import { describe, expect, it } from 'vitest';
import {
  asMessage,
  choiceLabel,
  EaselError,
  isSaid,
  listed,
  said,
  saidIn,
  settingLabel,
  spoken,
  toEaselError,
} from './errors';

describe('what errors say', () => {
  const sentence = said`${'a.pth'} is ${said`a decoder of ${3} channels`}, not a VAE.`;

  it('is data: words with their values’ places, which read as English', () => {
    expect(sentence).toEqual({
      template: '{0} is {1}, not a VAE.',
      values: ['a.pth', { template: 'a decoder of {0} channels', values: [3] }],
    });
    expect(spoken(sentence)).toBe('a.pth is a decoder of 3 channels, not a VAE.');
    expect(new EaselError('unsupported', sentence).message).toBe(spoken(sentence));
  });

  it('is read in another language by its words, its values in the order that they have there', () => {
    const german: Readonly<Record<string, string>> = {
      '{0} is {1}, not a VAE.': 'Kein VAE: {0} ist {1}.',
      'a decoder of {0} channels': 'ein Decoder mit {0} Kanälen',
    };
    expect(spoken(sentence, { sentence: (english) => german[english] })).toBe(
      'Kein VAE: a.pth ist ein Decoder mit 3 Kanälen.',
    );
  });

  it('calls what the page has a name for as the language does, by its place there, and in English where that has none', () => {
    const clash = said`${choiceLabel('sampler', 'ode', 'RK45')} needs at least ${2} ${settingLabel('steps', 'Steps')}.`;
    expect(spoken(clash)).toBe('RK45 needs at least 2 Steps.');
    const german = (at: readonly string[]) => (at.join('.') === 'fields.steps.label' ? 'Schritte' : undefined);
    expect(spoken(said`So: ${clash}`, { label: german })).toBe('So: RK45 needs at least 2 Schritte.');
  });

  it('leaves values as they are, whatever they hold', () => {
    expect(spoken(said`${'{1} $& {0}'} and ${'b'}`)).toBe('{1} $& {0} and b');
  });

  it('crosses a wire and is known on its other side; what is something else is not', () => {
    const called = said`${settingLabel('steps', 'Steps')} must be a number.`;
    const earlier = { template: '{0} must be a number.', values: ['Steps'] };
    expect([sentence, called, earlier].map((one) => isSaid(structuredClone(one)))).toEqual([true, true, true]);
    const values = [undefined, null, { label: 'Steps' }, { label: 1, at: [] }, { label: 'Steps', at: [1] }];
    const others = [
      undefined,
      null,
      'text',
      {},
      { template: 'a' },
      ...values.map((one) => ({ template: 'a', values: [one] })),
    ];
    expect(others.map(isSaid)).toEqual(others.map(() => false));
  });

  it('lists sentences, each in its own words, and stays English where a language has none for one', () => {
    const list = listed([sentence, 'b', said`two ${'words'}`], '; ');
    const german = (english: string) => (english === 'two {0}' ? 'zwei {0}' : undefined);
    expect(spoken(list, { sentence: german })).toBe('a.pth is a decoder of 3 channels, not a VAE.; b; zwei words');
  });

  it('goes through a schema’s message, which is a string; a message of the schema library’s own is its words', () => {
    const called = said`${settingLabel('steps', 'Steps')} must be a number.`;
    for (const one of [sentence, called]) expect(saidIn(asMessage(one))).toEqual(one);
    for (const foreign of ['Invalid type', '3', '{"a":1}']) expect(spoken(saidIn(foreign))).toBe(foreign);
  });

  it('is the message alone of what somebody else has thrown', () => {
    const { code, said: foreign, message } = toEaselError(new TypeError('Failed to fetch'));
    expect([code, foreign, message]).toEqual([
      'internal',
      { template: '{0}', values: ['Failed to fetch'] },
      'Failed to fetch',
    ]);
  });
});
