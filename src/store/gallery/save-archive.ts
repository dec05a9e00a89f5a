import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { notify } from '../notices';
import { createArchives } from '../persistence/archive';
import { usePreferences } from '../settings/preferences';
import { pictureFile } from './export-picture';
import { storedPicture } from './gallery';
import { freeName, nameBy } from './name-pattern';

/**
 * Hands over results as a ZIP, in the format and under the names that the person set; more than a gigabyte, as several.
 * What cannot be read is left out and told.
 */
export async function saveArchive(
  ids: readonly string[],
  save: (file: Blob, name: string) => void,
  zipBytes?: number,
): Promise<void> {
  const { namePattern, saveFormat, exportQuality } = usePreferences.getState();
  const taken = new Set<string>();
  const missing: string[] = [];
  const archives = createArchives((archive, index) => save(archive, archiveName(index)), zipBytes);
  for (const id of ids) {
    try {
      const stored = await storedPicture(id);
      if (!stored) {
        missing.push(texts.noLongerThere);
        continue;
      }
      const { file, ending } = await pictureFile(stored.png, stored.record.parameters, saveFormat, exportQuality);
      const isTaken = (name: string) => taken.has(name.toLowerCase());
      const { free: path } = await freeName(nameBy(namePattern, stored.record), ending, isTaken);
      taken.add(path.toLowerCase());
      archives.add({ path, bytes: new Uint8Array(await file.arrayBuffer()) });
    } catch (thrown) {
      missing.push(errorText(thrown));
    }
  }
  archives.end();
  if (missing.length === 0) notify(texts.zipSaved(ids.length));
  else
    notify(texts.zipLacks(missing.length, ids.length), undefined, {
      details: { summary: texts.why, lines: [...new Set(missing)] },
    });
}

const archiveName = (index: number) => (index === 0 ? 'easel-results.zip' : `easel-results-${index + 1}.zip`);
