import { readText } from '../../core/image/png-chunks';
import { type ReadSettings, readParameters } from '../../core/request/parameters';
import { inflate } from './inflate';

/**
 * The settings in the `parameters` text of a PNG made here, in A1111 or in Forge; undefined where it has none.
 * @throws EaselError as `readText` and `readParameters` do.
 */
export async function readSettings(file: Blob): Promise<ReadSettings | undefined> {
  const text = await readText(new Uint8Array(await file.arrayBuffer()), 'parameters', inflate);
  return text === undefined ? undefined : readParameters(text);
}
