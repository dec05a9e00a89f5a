import { WEIGHTS_FILE } from '../../core/file-kinds';
import { readSettingsText } from '../../core/request/programs/index';
import { isStyles } from '../../core/text/styles';
import { filesOfEntry } from '../library/model-folder';
import { addStyles } from '../lists/styles';
import { addTags } from '../lists/tags';
import { addWildcards, type WildcardFile } from '../lists/wildcards';
import { addPresets, isPresets } from '../settings/presets';
import { readSettingsFrom } from './take-settings';

/** Files of words, by their names: browsers know their types or not. */
const TEXT_FILE = /\.txt$/i;
const CSV_FILE = /\.csv$/i;
const JSON_FILE = /\.json$/i;

/** The largest collections that people share hold some two thousand. */
const MAX_FILES = 10_000;

/** Of a folder called so, its name says nothing. */
const IS_ROOT = /^(wildcards|collections)$/i;

export const isWordFile = ({ name }: File): boolean =>
  [TEXT_FILE, CSV_FILE, JSON_FILE].some((known) => known.test(name));

/** Takes files of words that were dropped: styles, tags, presets, settings of a picture; all else are wildcards. */
export async function importWords(files: readonly File[]): Promise<void> {
  const lists: WildcardFile[] = [];
  for (const file of files) {
    if (CSV_FILE.test(file.name)) await (isStyles(await file.text()) ? addStyles(file) : addTags(file));
    else if (await isPresetsFile(file)) await addPresets(file);
    else if (JSON_FILE.test(file.name) || (await isSettings(file))) await readSettingsFrom(file);
    else lists.push({ path: file.name, file });
  }
  if (lists.length > 0) await addWildcards(lists);
}

const isPresetsFile = async (file: File) => JSON_FILE.test(file.name) && isPresets(await file.text());

/** Settings are a few lines; a list may have any number. */
const MAX_SETTINGS = 1_000_000;

/** Whether a text file holds the settings of a picture. */
export async function isSettings(file: File): Promise<boolean> {
  try {
    return file.size < MAX_SETTINGS && readSettingsText(await file.text()) !== undefined;
  } catch {
    return true; // settings that cannot be taken: reading them says why
  }
}

/**
 * Adds the text files of a folder as wildcards, each by its way in it: with the folder's own name, as it is one of
 * several, but for the folder that holds all of a program's.
 */
export async function addWildcardFolder(files: readonly WildcardFile[]): Promise<void> {
  const lists = files.filter(({ path }) => TEXT_FILE.test(path));
  await addWildcards(
    lists.map(({ path, file }) => {
      const [root, ...within] = path.split('/');
      return { path: IS_ROOT.test(root) && within.length > 0 ? within.join('/') : path, file };
    }),
  );
}

/** The files of a dropped folder of wildcards; undefined for one that holds no text, or a model. */
export async function wildcardFolder(folder: FileSystemDirectoryEntry): Promise<WildcardFile[] | undefined> {
  const files = await filesOfEntry(folder, MAX_FILES).catch(() => []);
  const isModel = files.some(({ path }) => WEIGHTS_FILE.test(path) || /\.onnx$|model_index\.json$/.test(path));
  if (isModel || !files.some(({ path }) => TEXT_FILE.test(path))) return undefined;
  return files.map(({ path, file }) => ({ path: `${folder.name}/${path}`, file }));
}
