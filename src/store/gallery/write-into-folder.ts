import { writeWhole } from '../persistence/write-whole';
import { usePreferences } from '../settings/preferences';
import { pictureFile } from './export-picture';
import { freeName, nameBy } from './name-pattern';
import type { ResultRecord } from './result-record';

/** A result as it is read for a file. */
interface Stored {
  record: ResultRecord;
  png: Blob;
}

/**
 * Writes results into a folder, in the format and under the names that the person set. No file is ever overwritten: a
 * name that is taken gets a number, and a file that is there already, byte for byte, stands for itself.
 * @returns what writes one; it rejects with what the browser throws
 */
export function writerInto(folder: FileSystemDirectoryHandle): (stored: Stored) => Promise<void> {
  /** From which number on a name was not looked for yet: thousands of one name are looked through once. */
  const numbers = new Map<string, number>();
  return async ({ record, png }) => {
    const { namePattern, saveFormat, exportQuality } = usePreferences.getState();
    const { file, ending } = await pictureFile(png, record.parameters, saveFormat, exportQuality);
    const name = nameBy(namePattern, record);
    let isThere = false;
    const { free, number } = await freeName(
      name,
      ending,
      async (wanted) => {
        const other = await fileIn(folder, wanted);
        isThere = other !== undefined && (await isSame(other, file));
        return other !== undefined && !isThere;
      },
      numbers.get(name),
    );
    if (!isThere) await writeWhole(folder, free, file);
    numbers.set(name, number + 1);
  };
}

async function fileIn(folder: FileSystemDirectoryHandle, name: string): Promise<Blob | undefined> {
  try {
    return await (await folder.getFileHandle(name)).getFile();
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'NotFoundError') return undefined;
    if (thrown instanceof DOMException && thrown.name === 'TypeMismatchError') return new Blob(); // a folder
    throw thrown;
  }
}

async function isSame(a: Blob, b: Blob): Promise<boolean> {
  if (a.size !== b.size) return false;
  const [one, other] = await Promise.all([a, b].map(async (file) => new Uint8Array(await file.arrayBuffer())));
  return one.every((byte, at) => byte === other[at]);
}
