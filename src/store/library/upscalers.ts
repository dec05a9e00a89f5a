import { EaselError, said } from '../../core/errors';
import { WEIGHTS_FILE } from '../../core/file-kinds';
import { PIXEL_UPSCALERS, type PixelUpscaler } from '../../core/image/upscalers';
import { fileChosen } from '../../core/request/field';
import type { GenerationRequest } from '../../core/request/request';
import type { NamedFile, UpscaleRequest } from '../../engine/protocol';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { usePreferences } from '../settings/preferences';
import { entriesOf, entryOf, type LibraryEntry, useLibrary } from './library';
import { fileOf } from './library-files';

export const isFilter = (id: string): id is PixelUpscaler => id in PIXEL_UPSCALERS;

/** Networks that make pictures larger, as far as they can be read. */
export const upscalersOf = (state = useLibrary.getState()): readonly LibraryEntry[] =>
  entriesOf(['upscaler'], state).filter(({ access }) => access !== 'drop-again');

/** A filter's name, or a network's in the library. */
export function nameOfUpscaler(id: string): string {
  return isFilter(id) ? PIXEL_UPSCALERS[id].label : (entryOf(id)?.record.name ?? texts.aNetwork);
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
  throw new EaselError('bad-request', said`The upscaler is no longer on the list. Choose another one.`);
}

/** A1111's names of the networks that it downloads, in lower case, and how their files are called. */
const A1111_NAMES: Readonly<Record<string, string>> = {
  'r-esrgan 4x+': 'realesrgan_x4plus',
  'r-esrgan 4x+ anime6b': 'realesrgan_x4plus_anime_6b',
  'r-esrgan 2x+': 'realesrgan_x2plus',
  'r-esrgan general 4xv3': 'realesr-general-x4v3',
  'r-esrgan animevideo': 'realesr-animevideov3',
};

/** The network that a text calls so: by its name here, its file's, or A1111's. */
export function upscalerCalled(name: string, entries = upscalersOf()): LibraryEntry | undefined {
  const plain = (text: string) => text.toLowerCase().replace(WEIGHTS_FILE, '');
  const wanted = [plain(name), A1111_NAMES[plain(name)]];
  return entries.find(({ record }) => wanted.includes(plain(record.name)));
}

/** Which field of a request says what enlarges; undefined where nothing does. */
const upscalerField = ({ hires, sdUpscale }: Partial<GenerationRequest>) =>
  hires ? 'hiresUpscaler' : sdUpscale ? 'sdUpscaleUpscaler' : undefined;

/** The network that a request enlarges with, by its name. */
export function namedUpscaler(request: Partial<GenerationRequest>): string | undefined {
  const field = upscalerField(request);
  return field && fileChosen(request[field]);
}

/** The network that a request names and that is not here. */
export function missingUpscaler(request: Partial<GenerationRequest>): string | undefined {
  const name = namedUpscaler(request);
  return name !== undefined && !upscalerCalled(name) ? name : undefined;
}

/** A request as it can be painted, with the file of the network that it names. */
export interface WithUpscaler {
  request: GenerationRequest;
  upscaler?: NamedFile;
  /** Where Lanczos takes the network's place: why. */
  note?: string;
}

/** Finds the network that a request names; where it is not here or cannot be read, Lanczos takes its place. */
export async function withUpscaler(request: GenerationRequest): Promise<WithUpscaler> {
  const [field, name] = [upscalerField(request), namedUpscaler(request)];
  if (field === undefined || name === undefined) return { request };
  const byLanczos = (why: string) => ({
    request: { ...request, [field]: 'lanczos' },
    note: texts.lanczosInstead(why),
  });
  const entry = upscalerCalled(name);
  if (!entry) return byLanczos(texts.upscalerMissing(name));
  try {
    return { request, upscaler: await fileOf(entry.record) };
  } catch (thrown) {
    return byLanczos(errorText(thrown));
  }
}
