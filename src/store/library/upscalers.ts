import { EaselError } from '../../core/errors';
import { PIXEL_UPSCALERS, type PixelUpscaler } from '../../core/request/upscaling';
import type { UpscaleRequest } from '../../engine/protocol';
import { usePreferences } from '../settings/preferences';
import { entriesOf, entryOf, type LibraryEntry, useLibrary } from './library';
import { fileOf } from './library-files';

const isFilter = (id: string): id is PixelUpscaler => id in PIXEL_UPSCALERS;

/** Networks that make pictures larger, as far as they can be read. */
export const upscalersOf = (state = useLibrary.getState()): readonly LibraryEntry[] =>
  entriesOf(['upscaler'], state).filter(({ access }) => access !== 'drop-again');

/** A filter's name, or a network's in the library. */
export function nameOfUpscaler(id: string): string {
  return isFilter(id) ? PIXEL_UPSCALERS[id].label : (entryOf(id)?.record.name ?? 'a network');
}

/** What was chosen last, where it is still there; else a network, which does it better than any filter. */
export function chosenUpscaler(chosen: string | undefined, entries: readonly LibraryEntry[]): string {
  if (chosen !== undefined && (isFilter(chosen) || entries.some(({ record }) => record.id === chosen))) return chosen;
  return entries[0]?.record.id ?? 'lanczos';
}

export function chooseUpscaler(id: string): void {
  usePreferences.setState({ upscaler: id });
}

/** What the engine enlarges with. @throws EaselError where a network is gone or cannot be read */
export async function upscalerFor(id: string): Promise<UpscaleRequest['upscaler']> {
  if (isFilter(id)) return id;
  const entry = entryOf(id);
  if (entry) return fileOf(entry.record);
  throw new EaselError('bad-request', 'The upscaler is no longer on the list. Choose another one.');
}
