import { describe, expect, it } from 'vitest';
import { version } from '../../../package.json';
import { type Axis, plotCells, plotText } from './axes';
import { quoted, readParameters, writeParameters } from './parameters';
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

describe('a plot, as A1111’s scripts/xyz_grid.py writes it', () => {
  const PLOTTED = { ...REQUEST, prompt: 'a red fox' };
  const NAMES = {
    checkpoints: ['Dream v8', 'photo'],
    vaes: ['vae-ft-mse-840000-ema-pruned'],
    styles: [{ name: 'Ink', prompt: 'ink', negativePrompt: '' }],
  };
  /** As the PNG of a plot says it: among A1111's own keys, quoted as those are. */
  const plotted = (axes: readonly Axis[]) => {
    let next = 11;
    const { plot } = plotCells(PLOTTED, axes, NAMES, () => next++);
    return written(plotText(plot).map(([key, value]) => `${key}: ${quoted(value)}, `).join('')); // biome-ignore format: one line
  };

  it.each<[Axis[], string]>([
    [[{ id: 'steps', text: '20' }], 'X Type: Steps, X Values: 20'],
    [[{ id: 'steps', text: '10,20, 30' }, { id: 'cfgScale', text: '5-9 (+2)' }], 'X Type: Steps, X Values: "10,20, 30", Y Type: CFG Scale, Y Values: 5-9 (+2)'],
    [[{ id: 'cfgScale', text: '1-10 [4]' }, { id: 'clipSkip', text: '1,2' }, { id: 'eta', text: '0, 1' }], 'X Type: CFG Scale, X Values: 1-10 [4], Y Type: Clip skip, Y Values: "1,2", Z Type: Eta, Z Values: "0, 1"'],
    [[{ id: 'seed', text: '7,-1, -1' }], 'X Type: Seed, X Values: "7,-1, -1", Fixed X Values: "7, 11, 12"'],
    [[{ id: 'variationSeed', text: '1-3' }, { id: 'variationStrength', text: '0.1' }], 'X Type: Var. seed, X Values: 1-3, Fixed X Values: "1, 2, 3", Y Type: Var. strength, Y Values: 0.1'],
    [[{ id: 'sampler', text: 'Euler a,DPM++ 2M' }, { id: 'schedule', text: 'Karras,SGM Uniform' }], 'X Type: Sampler, X Values: "Euler a,DPM++ 2M", Y Type: Schedule type, Y Values: "Karras,SGM Uniform"'],
    [[{ id: 'promptSr', text: 'red, "blue, bright", (grey:1.2)' }], String.raw`X Type: Prompt S/R, X Values: "red, \"blue, bright\", (grey:1.2)"`],
    [[{ id: 'checkpoint', text: 'Dream v8,photo' }, { id: 'denoisingStrength', text: '0.2-0.6 (+0.2)' }], 'X Type: Checkpoint name, X Values: "Dream v8,photo", Y Type: Denoising, Y Values: 0.2-0.6 (+0.2)'],
    [[{ id: 'vae', text: 'None,vae-ft-mse-840000-ema-pruned.safetensors,Automatic' }], 'X Type: VAE, X Values: "None,vae-ft-mse-840000-ema-pruned.safetensors,Automatic"'],
    [[{ id: 'styles', text: 'Ink' }, { id: 'promptOrder', text: 'red, fox' }], 'X Type: Styles, X Values: Ink, Y Type: Prompt order, Y Values: "red, fox"'],
    [[{ id: 'noiseSource', text: 'CPU,NV' }, { id: 'sChurn', text: '0,10' }], 'X Type: RNG source, X Values: "CPU,NV", Y Type: Sigma Churn, Y Values: "0,10"'],
  ])('%j is written to the letter, and read', (axes, text) => {
    expect(plotted(axes)).toBe(written(`Script: X/Y/Z plot, ${text}, `));
    expect(readParameters(plotted(axes))).toMatchObject({ plot: axes, ignored: [], request: { steps: 20, seed: 7 } });
  }); // biome-ignore format: texts as they are

  it('is read as far as its axes are here, and names the others', () => {
    const some = written(
      'Script: X/Y/Z plot, X Type: Refiner switch at, X Values: 0.5, Y Type: Steps, Y Values: 1-3, ',
    );
    const none = written('Script: X/Y/Z plot, X Type: Face restore, X Values: True, ');
    expect(readParameters(some)).toMatchObject({ plot: [{ id: 'steps', text: '1-3' }], ignored: ['X Type: Refiner switch at', 'X Values: 0.5'] }); // biome-ignore format: one line
    expect(readParameters(none)).not.toHaveProperty('plot');
    expect(readParameters(none).ignored).toEqual(['Script: X/Y/Z plot', 'X Type: Face restore', 'X Values: True']);
  });
});
