import { expect, it } from 'vitest';
import type { PaintingModel } from '../model/running/painting-model';
import { AdapterRegistry } from './adapters';
import { bytesOf } from './fixtures/tiny-folder';

/** A file of the disk that counts how often it is read. */
class WatchedFile extends File {
  reads = 0;

  override slice(...range: [number?, number?]): Blob {
    this.reads++;
    return super.slice(...range);
  }
}

const model = { checkFit: () => [{ name: 'x', used: 1, unmatched: [] }] } as unknown as PaintingModel;
const BYTES = bytesOf('sd15/lora_peft.safetensors');
const named = (name: string, lastModified = 1) => ({ name, file: new WatchedFile([BYTES], name, { lastModified }) });

it('reads the header of each file once, also of copies that stand for it', async () => {
  const adapters = new AdapterRegistry();
  const first = named('a.safetensors');
  await adapters.set([first], model);
  const reads = first.file.reads;
  expect(reads).toBeGreaterThan(0);
  const [again, other] = [named('a.safetensors'), named('b.safetensors')];
  expect(await adapters.set([again, other], model)).toMatchObject([{ outcome: 'attached' }, { outcome: 'attached' }]);
  expect([first.file.reads, again.file.reads, other.file.reads]).toEqual([reads, 0, reads]);
  // One that was changed on the disk since is another.
  const changed = named('a.safetensors', 2);
  await adapters.set([changed], model);
  expect(changed.file.reads).toBe(reads);
});
