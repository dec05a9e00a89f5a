import { describe, expect, it } from 'vitest';
import { version } from '../../../package.json';
import { readParameters, writeParameters } from './parameters';
import { readSettingsText } from './programs/index';
import { DEFAULT_REQUEST } from './request';

const REQUEST = { ...DEFAULT_REQUEST, prompt: 'a red fox', seed: 7, width: 256, height: 320 };
const END = `RNG: CPU, Version: Easel ${version}`;
const SETTINGS = 'Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 7, Size: 256x320';
const FACTS = { model: 'm', schedule: 'karras' } as const;

/** A picture's settings as they are written, with what they say beyond the usual before the version. */
const written = (more: string, prompt = 'a red fox') =>
  `${prompt}\n${SETTINGS}, Model: m, ${END.replace('Version', () => `${more}Version`)}`;

describe('what a prompt was chosen from, as sd-dynamic-prompts writes it', () => {
  // Since its #691 of December 2023 it stands among A1111's own keys, quoted as those are.
  it.each([
    [{ template: 'a __colour__ fox' }, 'Template: a __colour__ fox, '],
    [{ template: 'a {red|blue} fox' }, 'Template: a {red|blue} fox, '],
    [{ template: 'a {2$$red|blue}, fox' }, 'Template: "a {2$$red|blue}, fox", '],
    [{ template: '{2::a|b} "x":\ny' }, String.raw`Template: "{2::a|b} \"x\":\ny", `],
    [{ negativeTemplate: '{dark|grey}' }, 'Negative Template: {dark|grey}, '],
    [{ template: '__a/*__', negativeTemplate: 'x, __b__' }, 'Template: __a/*__, Negative Template: "x, __b__", '],
  ])('%o is written to the letter, and read', (templates, text) => {
    const parameters = writeParameters({ ...REQUEST, ...templates }, FACTS);
    expect(parameters).toBe(written(text));
    expect(readParameters(parameters)).toMatchObject({ request: { prompt: 'a red fox', ...templates }, ignored: [] });
  });

  // Before, lines of its own followed the settings, and A1111 took those for the prompt.
  const OLD = 'Steps: 35, Sampler: Heun, CFG scale: 9, Seed: 77777, Size: 640x640, Model hash: d8691b4d16';
  it.each([
    [`a fox\n${OLD}\nTemplate: a {fox|owl}`, { prompt: 'a fox', template: 'a {fox|owl}' }],
    [`a fox\nNegative prompt: dark\n${OLD}\nNegative Template: {dark|grey}`, { negativePrompt: 'dark', negativeTemplate: '{dark|grey}' }],
    [`a fox\nNegative prompt: dark\n${OLD}\nTemplate: 1girl, __haircolor__\nNegative Template: (worst quality:1.4), __bad__`, { negativePrompt: 'dark', template: '1girl, __haircolor__', negativeTemplate: '(worst quality:1.4), __bad__' }],
    [`a fox\n${OLD}\nTemplate: a {fox|\nowl}\nby a: b, c: d, e: f`, { template: 'a {fox|\nowl}\nby a: b, c: d, e: f' }],
  ])('reads lines below the settings: %s', (text, request) => {
    const read = readSettingsText(text);
    expect(read).toMatchObject({ request: { ...request, steps: 35, sampler: 'heun', seed: 77777 }, ignored: [] });
  }); // biome-ignore format: texts as they are

  it('takes a line of that name for the prompt’s where no settings come before it', () => {
    expect(readParameters(`Template: a fox\n${OLD}`).request.prompt).toBe('Template: a fox');
    expect(readParameters(`Template: a fox\n${OLD}`).request.template).toBeUndefined();
  });
});
