import { encode } from 'fast-png';
import { readPicture } from '../../editor/document/document';
import { restoreCanvas } from '../../editor/document/saved';
import type { EaselDatabase } from '../persistence/database';
import { assemble, headsOf, readParts } from './canvas-db';

/**
 * Every stored canvas that can be read as a PNG, picture and sketch, the latest first.
 * @throws after them, where one could not be read
 */
export async function* storedCanvases(database: EaselDatabase): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let failure: unknown;
  for (const [id, head] of await headsOf(database)) {
    try {
      const { document } = restoreCanvas(assemble(head, await readParts(database, id)));
      const { width, height, data } = readPicture(document, document.canvas);
      yield encode({
        width,
        height,
        data: new Uint8Array(data.buffer),
        channels: 4,
        depth: 8,
      }) as Uint8Array<ArrayBuffer>;
    } catch (thrown) {
      failure ??= thrown;
    }
  }
  if (failure !== undefined) throw failure;
}
