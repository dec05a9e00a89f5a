import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderFiles } from '../../engine/model-source';
import { memoryFiles } from './memory-files';
import { safetensorsOf } from './save-safetensors';
import { openFile } from './state-dict';

const bytesOf = (name: string) => new Uint8Array(readFileSync(join(import.meta.dirname, '../fixtures/pickles', name)));

it.each([
  ['checkpoint.ckpt', 'same.safetensors'],
  ['views.pt', 'views.safetensors'],
])('%s becomes a file with every tensor of %s, made of slices of it', async (path, twin) => {
  const file = new Blob([bytesOf(path)]);
  for (const files of [folderFiles('m', [{ path, file }]), memoryFiles('m', { [path]: bytesOf(path) })]) {
    const saved = await safetensorsOf((await openFile(files, path)).dict);
    const whole = memoryFiles('m', {
      x: new Uint8Array(await saved.arrayBuffer()),
      twin: bytesOf(twin),
    });
    const [{ dict, metadata }, { dict: wanted }] = [await openFile(whole, 'x'), await openFile(whole, 'twin')];
    expect(metadata).toEqual({ format: 'pt' });
    expect(dict.entries.size).toBe(wanted.entries.size);
    for (const [key, { shape, dtype }] of wanted.entries) {
      expect(dict.entries.get(key)).toMatchObject({ shape, dtype });
      expect(await dict.read(key)).toEqual(await wanted.read(key));
    }
  }
});
