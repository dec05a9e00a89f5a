import { Zip, ZipPassThrough } from 'fflate';

/** A file of an archive. */
export interface ArchivedFile {
  path: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** A ZIP of ours is of the first kind, which ends at 4 GB; what is larger comes as several. */
const ZIP_BYTES = 2 ** 30;

/**
 * Packs files as they are, since pictures are compressed already, into a ZIP; more of them than fit into one, into
 * several.
 * @param save called with each archive as soon as it is full, and with the last one by `end`
 */
export function createArchives(save: (archive: Blob, index: number) => void, zipBytes = ZIP_BYTES) {
  let index = 0;
  let archive = createArchive();
  return {
    add(file: ArchivedFile): void {
      if (archive.bytes() > 0 && archive.bytes() + file.bytes.length > zipBytes) {
        save(archive.end(), index++);
        archive = createArchive();
      }
      archive.add(file);
    },
    end(): void {
      save(archive.end(), index);
    },
  };
}

/** Each file goes to a Blob, which the browser may keep on the disk. */
function createArchive() {
  const parts: Blob[] = [];
  let bytes = 0;
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    bytes += chunk.length;
    parts.push(new Blob([chunk as Uint8Array<ArrayBuffer>]));
  });
  return {
    bytes: () => bytes,
    add({ path, bytes }: ArchivedFile): void {
      const entry = new ZipPassThrough(path);
      zip.add(entry);
      entry.push(bytes, true);
    },
    end(): Blob {
      zip.end();
      return new Blob(parts, { type: 'application/zip' });
    },
  };
}
