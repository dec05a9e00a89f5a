import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import manifest from '../../../models/emblems/manifest.json' with { type: 'json' };
import index from '../../../models/emblems/model_index.json' with { type: 'json' };
import { pngSize } from '../../core/image/png-chunks';
import { parseManifest } from '../../model/weights/manifest';
import { EMBLEMS_RECORD } from './emblems';

const folder = new URL('../../../models/emblems/', import.meta.url);
const bytesOf = (path: string) => readFileSync(new URL(path, folder));

it('comes with the page as its manifest says, in at most 6 MB', () => {
  const { name, files } = parseManifest(manifest);
  expect(name).toBe(EMBLEMS_RECORD.name);
  for (const { path, size, sha256 } of files) {
    const bytes = bytesOf(path);
    expect([path, bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([path, size, sha256]);
  }
  expect(files.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(6_000_000);
});

it('has a drawing that it was not trained on for each of its classes', () => {
  const { width, height } = pngSize(bytesOf('held-out.png'));
  expect((width / 32) * (height / 32)).toBe(Object.keys(index.id2label).length);
});
