import type { Picture } from '../../core/image/picture';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/folder';
import { readPictureFile } from '../canvas/picture-file';
import { createArchives } from '../persistence/archive';
import { markSaved, markUnsaved } from '../persistence/unsaved';
import { writeWhole } from '../persistence/write-whole';

/** A picture to paint from; it is read when its turn comes. */
export interface FolderPicture {
  name: string;
  /** @throws EaselError as `readPictureFile` */
  read(): Promise<Picture>;
}

/** Pictures to paint from, in the order of their names. */
export interface PicturesIn {
  /** Of the folder; empty where they were chosen one by one. */
  name: string;
  pictures: readonly FolderPicture[];
  /** What else lies there. */
  leftOut: number;
  isSame?(folder: FileSystemDirectoryHandle): Promise<boolean>;
}

/** Where PNGs go. */
export interface PicturesOut {
  /** Of the folder; empty where they come as a ZIP. */
  name: string;
  handle?: FileSystemDirectoryHandle;
  /** What is there already; all names, as the folder has them. */
  names(): Promise<ReadonlySet<string>>;
  /** Writes a file whole, or leaves nothing. */
  write(name: string, png: Blob): Promise<void>;
  /** Nothing more comes for now, at the end or where it was stopped. */
  end?(): Promise<void>;
  /** Asks for leave to write again, on a click, where it has ended. */
  renew?(): Promise<boolean>;
}

/** Opens the browser's picker; undefined where it is dismissed. */
export async function pickFolder(mode: 'read' | 'readwrite'): Promise<FileSystemDirectoryHandle | undefined> {
  return window.showDirectoryPicker?.({ id: `batch-${mode}`, mode }).catch(() => undefined);
}

/** The endings of `PICTURE_TYPES`; a browser may read more, and says so where it cannot. */
const PICTURE = /\.(png|jpe?g|jfif|webp|avif|gif|bmp)$/i;

/** Pictures that lie in a folder itself, not in those within. */
export async function picturesIn(folder: FileSystemDirectoryHandle): Promise<PicturesIn> {
  const pictures: FolderPicture[] = [];
  let leftOut = 0;
  for await (const entry of folder.values()) {
    if (entry.kind === 'file' && PICTURE.test(entry.name))
      pictures.push({ name: entry.name, read: async () => readPictureFile(await entry.getFile(), entry.name) });
    else leftOut++;
  }
  return { name: folder.name, pictures: inOrder(pictures), leftOut, isSame: (other) => folder.isSameEntry(other) };
}

/** Files that were chosen one by one. */
export function picturesOf(files: readonly File[]): PicturesIn {
  const found = files.filter(({ name }) => PICTURE.test(name));
  const pictures = found.map((file) => ({ name: file.name, read: () => readPictureFile(file, file.name) }));
  return { name: '', pictures: inOrder(pictures), leftOut: files.length - found.length };
}

const byName = new Intl.Collator('en', { numeric: true });

const inOrder = (pictures: FolderPicture[]) => pictures.sort((a, b) => byName.compare(a.name, b.name));

/** A folder that is written into. */
export function folderOut(handle: FileSystemDirectoryHandle): PicturesOut {
  return {
    name: handle.name,
    handle,
    async names() {
      const names = new Set<string>();
      for await (const { name } of handle.values()) names.add(name);
      return names;
    },
    write: (name, png) => writeWhole(handle, name, png),
    renew: async () => (await handle.requestPermission?.({ mode: 'readwrite' })) !== 'denied',
  };
}

/** What waits for its ZIP would go with the page, which therefore asks before it is left. */
const UNSAVED = 'easel.batch';

/** A ZIP at the end, where pages may not write into folders. @param save hands it over */
export function zipOut(save: (zip: Blob, name: string) => void): PicturesOut {
  const done = new Set<string>();
  let zips = 0;
  let archives: ReturnType<typeof createArchives> | undefined;
  const saveNext = (zip: Blob) => {
    zips++;
    save(zip, zips === 1 ? 'easel-batch.zip' : `easel-batch-${zips}.zip`);
  };
  return {
    name: '',
    names: async () => done,
    async write(name, png) {
      archives ??= createArchives(saveNext);
      archives.add({ path: name, bytes: new Uint8Array(await png.arrayBuffer()) });
      done.add(name);
      markUnsaved(UNSAVED, { what: texts.title, why: texts.byZip, retry: () => undefined, quiet: true });
    },
    async end() {
      archives?.end();
      archives = undefined;
      markSaved(UNSAVED);
    },
  };
}

/** Why a folder could not be read, in a sentence with what helps. */
export function whyNotRead(thrown: unknown, folder: string): string {
  switch ((thrown as Error | undefined)?.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return texts.notReadable(folder);
    case 'NotFoundError':
      return texts.gone(folder);
    default:
      return texts.unread(folder, errorText(thrown));
  }
}

/** Why nothing could be written, in a sentence with what helps. */
export function whyNotWritten(thrown: unknown, file: string, folder: string): string {
  switch ((thrown as Error | undefined)?.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return texts.notAllowed(folder);
    case 'QuotaExceededError':
      return texts.diskFull;
    case 'NotFoundError':
      return texts.gone(folder);
    default:
      return texts.notWritten(file, errorText(thrown));
  }
}
