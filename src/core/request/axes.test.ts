import { describe, expect, it } from 'vitest';
import { AXIS_IDS, type Axis, axisName, plotCells } from './axes';
import { FIELDS } from './fields';
import { DEFAULT_REQUEST } from './request';

const REQUEST = { ...DEFAULT_REQUEST, prompt: 'a red fox <lora:ink:1>', seed: 7 };
const cells = (...axes: Axis[]) => plotCells(REQUEST, axes).cells.map(({ request }) => request);

it('has every setting that is no text as an axis, each under a name of its own', () => {
  for (const name of ['steps', 'cfgScale', 'sampler', 'eta', 'clipSkip', 'softMask', 'promptSr'] as const)
    expect(AXIS_IDS).toContain(name);
  expect(AXIS_IDS).not.toContain('prompt');
  expect(axisName('cfgScale')).toBe('CFG Scale');
  expect(FIELDS.steps.label).toBe(axisName('steps'));
});

// As A1111's scripts/xyz_grid.py reads them.
describe('values', () => {
  it.each([
    ['steps', '5, 10,15', [5, 10, 15]],
    ['steps', '1-5', [1, 2, 3, 4, 5]],
    ['steps', '1-9 (+3), 20', [1, 4, 7, 20]],
    ['steps', '10-6 (-2)', [10, 8, 6]],
    ['steps', '1-10 [4]', [1, 4, 7, 10]],
    ['cfgScale', '5-7 (+0.5)', [5, 5.5, 6, 6.5, 7]],
    ['cfgScale', '1-2 [3]', [1, 1.5, 2]],
    ['sampler', 'Euler a, "DPM++ 2M"', ['euler_a', 'dpmpp_2m']],
    ['quantise', 'True,False', [true, false]],
  ] as const)('of %s: %s', (id, text, values) => {
    expect(cells({ id, text }).map((cell) => cell[id])).toEqual(values);
  });

  it.each([
    [{ id: 'steps', text: '0' }, 'Steps must be at least 1.'],
    [{ id: 'steps', text: 'many' }, 'Steps must be a number.'],
    [{ id: 'sampler', text: 'Dream' }, 'Sampler must be one of'],
    [{ id: 'steps', text: ' ' }, 'Steps has no values yet.'],
    [{ id: 'promptSr', text: 'blue, green' }, 'Prompt S/R did not find “blue”'],
    [{ id: 'promptMatrix', text: '' }, 'Prompt matrix needs parts'],
    [
      { id: 'prompts', text: 'a fox\n--prompt "an owl" --steps 7' },
      '“--prompt "an owl" --steps 7” is a line of options',
    ],
    [{ id: 'seed', text: '1-10000' }, 'That makes 10,000 pictures.'],
  ] as const)('that cannot stand are refused by a sentence: %o', (axis, message) => {
    expect(() => cells(axis)).toThrow(message);
  });

  it('of 10,000 cells are too many', () => {
    const many: Axis = { id: 'seed', text: '1-100' };
    expect(() => cells(many, { id: 'steps', text: '1-100' })).toThrow('That makes 10,000 pictures. Leave some values out: a plot has 1,000 at most.'); // biome-ignore format: one line
  });
});

describe('cells', () => {
  it('come with the first axis first, each with its settings', () => {
    const { plot, cells } = plotCells(REQUEST, [
      { id: 'steps', text: '5,10,15' },
      { id: 'cfgScale', text: '4,7' },
    ]);
    expect(cells.map(({ request: { steps, cfgScale } }) => [steps, cfgScale])).toEqual([[5, 4], [10, 4], [15, 4], [5, 7], [10, 7], [15, 7]]); // biome-ignore format: one line
    expect(plot.axes).toEqual([
      { name: 'Steps', text: '5,10,15', values: ['Steps: 5', 'Steps: 10', 'Steps: 15'] },
      { name: 'CFG Scale', text: '4,7', values: ['CFG Scale: 4', 'CFG Scale: 7'] },
    ]);
  });

  it('replace words, weigh a LoRA, take parts of the prompt in turn, and whole prompts', () => {
    expect(cells({ id: 'promptSr', text: 'red, blue' }).map(({ prompt }) => prompt)).toEqual(['a red fox <lora:ink:1>', 'a blue fox <lora:ink:1>']); // biome-ignore format: one line
    expect(cells({ id: 'loraWeight', text: '0-1 [3]' }).map(({ prompt }) => prompt)).toEqual(['a red fox <lora:ink:0>', 'a red fox <lora:ink:0.5>', 'a red fox <lora:ink:1>']); // biome-ignore format: one line
    const matrix = plotCells({ ...REQUEST, prompt: 'a fox | snow|night' }, [{ id: 'promptMatrix', text: '' }]);
    expect(matrix.cells.map(({ request }) => request.prompt)).toEqual([
      'a fox',
      'a fox, snow',
      'a fox, night',
      'a fox, snow, night',
    ]);
    expect(cells({ id: 'prompts', text: 'a cat\n\nan owl\n' }).map(({ prompt }) => prompt)).toEqual([
      'a cat',
      'an owl',
    ]);
  });
});

it('orders parts of the prompt in every way, as A1111 does', () => {
  const of = (prompt: string, text: string) => plotCells({ ...REQUEST, prompt }, [{ id: 'promptOrder', text }]);
  const { cells, plot } = of('a red fox, (a blue owl) and a hat', 'red, blue,hat');
  expect(plot.axes[0].values).toEqual(['red, blue, hat', 'red, hat, blue', 'blue, red, hat', 'blue, hat, red', 'hat, red, blue', 'hat, blue, red']); // biome-ignore format: one line
  expect(cells.map(({ request }) => request.prompt)).toEqual([
    'a red fox, (a blue owl) and a hat',
    'a red fox, (a hat owl) and a blue',
    'a blue fox, (a red owl) and a hat',
    'a blue fox, (a hat owl) and a red',
    'a hat fox, (a red owl) and a blue',
    'a hat fox, (a blue owl) and a red',
  ]);
  // A part that stands within another is looked for behind it.
  expect(of('cat, dog at', 'at, cat').cells.map(({ request }) => request.prompt)).toEqual(['at, dog cat', 'cat, dog at']); // biome-ignore format: one line
  expect(() => of('a red fox', 'red, green')).toThrow('Prompt order did not find “green” in the prompt.');
  expect(() => of('a b c d e f g', 'a,b,c,d,e,f,g')).toThrow('That makes 5,040 pictures.');
  expect(() => of(Array.from({ length: 30 }, (_, i) => `p${i}`).join(), Array.from({ length: 30 }, (_, i) => `p${i}`).join())).toThrow('pictures. Leave some values out'); // biome-ignore format: one line
});

it('has each cell in the styles of its value, whatever other axes make of the prompt', () => {
  const styles = [
    { name: 'Ink', prompt: '{prompt}, red ink', negativePrompt: 'photo' },
    { name: 'Night, dark', prompt: 'at night', negativePrompt: '' },
    { name: 'Snow', prompt: 'in the snow', negativePrompt: '' },
  ];
  const of = (...axes: Axis[]) => plotCells({ ...REQUEST, prompt: 'a red fox' }, axes, { styles, chosen: [styles[2]] });
  const { cells, plot } = of({ id: 'styles', text: 'Ink, "Snow,Ink"' }, { id: 'promptSr', text: 'red, blue' });
  expect(plot.axes[0].values).toEqual(['Styles: Ink', 'Styles: Snow,Ink']);
  expect(cells.map(({ request }) => request.prompt)).toEqual([
    'a red fox, red ink',
    'a red fox, in the snow, red ink',
    'a blue fox, red ink',
    'a blue fox, in the snow, red ink',
  ]);
  expect(cells[0].request.negativePrompt).toBe('photo');
  // Whole prompts come into the styles that were chosen, as the form's own does.
  expect(of({ id: 'prompts', text: 'an owl' }).cells[0].request.prompt).toBe('an owl, in the snow');
  expect(() => of({ id: 'styles', text: 'Oil' })).toThrow(
    'There is no style “Oil”. There are: Ink, Night, dark, Snow.',
  );
});

it('names autoencoders as A1111 does: files with their endings, None and Automatic', () => {
  const of = (text: string) => plotCells(REQUEST, [{ id: 'vae', text }], { vaes: ['vae-ft-mse', 'anime'] });
  expect(of('None, Automatic, vae-ft-mse.safetensors,anime.vae.pt').cells.map(({ vae }) => vae)).toEqual([null, undefined, 'vae-ft-mse', 'anime']); // biome-ignore format: one line
  expect(of('anime').plot.axes[0].values).toEqual(['VAE: anime']);
  expect(() => of('sdxl')).toThrow('There is no VAE “sdxl” in your library. There are: None, Automatic, vae-ft-mse, anime.'); // biome-ignore format: one line
});

describe('checkpoints', () => {
  const MODELS = ['Dream v8', 'Dream v8 inpainting', 'photo'];
  const of = (text: string) => plotCells(REQUEST, [{ id: 'checkpoint', text }], { checkpoints: MODELS }).cells.map(({ checkpoint }) => checkpoint); // biome-ignore format: one line

  it('are models by their names, or by a part of one', () => {
    expect(of('dream v8, PHOTO, inpaint')).toEqual(['Dream v8', 'photo', 'Dream v8 inpainting']);
    expect(() => of('dream')).toThrow('“dream” may be Dream v8 or Dream v8 inpainting: write the whole name.');
    expect(() => of('flux')).toThrow('There is no model “flux” in your library. There are: Dream v8, ');
  });
});
