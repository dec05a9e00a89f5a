import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { randomTensor, safetensorsFile } from '../../model/fixtures/random-model';
import { chooseDevice } from '../../model/runtime/device';
import { memoryFiles } from '../../model/weights/memory-files';
import type { ModelFiles } from '../../model/weights/model-files';
import { openDirectory } from '../directory';
import { compareTree, type ParityEvent } from './tree';

const files = await openDirectory(join(import.meta.dirname, '../../model/fixtures/sd15'));
const device = await chooseDevice('wasm', 2);

async function eventsOf(folder: ModelFiles, only: string): Promise<ParityEvent[]> {
  const events: ParityEvent[] = [];
  await compareTree(folder, device, only, (event) => events.push(event));
  return events;
}

/** The fixture with one number of the text tower's configuration changed. */
const changed = (name: string, value: number): ModelFiles => ({
  ...files,
  async read(path, start, end) {
    const bytes = await files.read(path, start, end);
    if (path !== 'model/text_encoder/config.json') return bytes;
    return new TextEncoder().encode(JSON.stringify({ ...JSON.parse(new TextDecoder().decode(bytes)), [name]: value }));
  },
});

describe('comparing a folder', () => {
  it('tells each file, then a line an output, with the tolerance of the provider', async () => {
    const [heading, ...outputs] = await eventsOf(files, '^text.0$');
    expect(heading).toEqual({ kind: 'heading', text: 'expected.safetensors' });
    expect(outputs).toHaveLength(3);
    for (const output of outputs) expect(output).toMatchObject({ kind: 'compared', tolerance: 1e-5 });
  });

  it('goes on after a model that does not open, and says why it did not', async () => {
    const stranger = new Map(Array.from(['control_model.zero_convs.0.0.weight'], (key) => [key, randomTensor(1, [2])]));
    const outputs = new Map([['control.plain.mid', randomTensor(1, [2])]]);
    const both = memoryFiles('both', {
      'a/expected.safetensors': safetensorsFile(outputs),
      'a/single_file.safetensors': safetensorsFile(stranger),
      'b/expected.safetensors': safetensorsFile(outputs),
      'b/unet/config.json': JSON.stringify({ mid_block_type: 'none' }),
      'c/expected.safetensors': safetensorsFile(new Map([['unet.0.out', randomTensor(1, [2])]])),
      'c/unet/config.json': JSON.stringify({ _class_name: 'NCSNpp' }),
    });
    const reasons = (await eventsOf(both, '')).map((event) => (event.kind === 'not-yet' ? event.reason : event.kind));
    expect(reasons).toEqual([
      'heading',
      expect.stringContaining('ControlNet'),
      'heading',
      'there is no route for its kind',
      'heading',
      expect.stringContaining('c/unet/config.json'),
    ]);
  });

  it('refuses a folder without reference outputs, and a pattern that is none', async () => {
    await expect(eventsOf(memoryFiles('empty', {}), '')).rejects.toThrow('no expected.safetensors below empty');
    await expect(eventsOf(files, '(')).rejects.toMatchObject({ code: 'bad-request' });
  });

  it.each([
    ['another number of heads', 'num_attention_heads', 4, 1e-2],
    ['another epsilon in every layer norm', 'layer_norm_eps', 1e-3, 1e-4],
  ])('notices %s', async (_, name, value, least) => {
    const [, ...outputs] = await eventsOf(changed(name, value), '^text.0$');
    expect(outputs).toHaveLength(3);
    for (const output of outputs) expect(output.kind === 'compared' && output.error).toBeGreaterThan(least);
  });
});
