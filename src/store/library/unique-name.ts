import { entriesOf, entryOf, useLibrary } from './library';
import { accessTo, sourceOf } from './library-files';
import { type LibraryRecord, recordId } from './library-record';
import type { FolderSource } from './model-folder';

/**
 * A record of what was brought, under an id and a name of its own: those of the thing that the list has already, where
 * it is the same, else with a number behind where another has the name. LoRAs and embeddings are named in prompts, so
 * there the later one takes the other's place.
 */
export async function withUniqueName(record: LibraryRecord, files: FolderSource): Promise<LibraryRecord> {
  const { kind, name } = record;
  if (kind === 'lora' || kind === 'embedding') return record;
  const numbered = (n: number) => (n === 1 ? name : `${name} (${n})`);
  for (const { record: known } of entriesOf([kind], useLibrary.getState())) {
    const isNumbered = known.name.startsWith(name) && /^( \(\d+\))?$/.test(known.name.slice(name.length));
    if (isNumbered && (await isSame(known, record, files))) return { ...record, id: known.id, name: known.name };
  }
  let free = 1;
  while (entryOf(recordId(kind, numbered(free)))) free++;
  return { ...record, id: recordId(kind, numbered(free)), name: numbered(free) };
}

/** Whether a record speaks of what was brought now: it lies in the same place on the disk, or holds the same. */
async function isSame(known: LibraryRecord, brought: LibraryRecord, files: FolderSource): Promise<boolean> {
  const [before, now] = [known.place, brought.place];
  const onDisk = before.kind === 'disk' && now.kind === 'disk';
  if (onDisk && (await before.handle.isSameEntry(now.handle))) return true;
  // What cannot be looked at without asking is known by its size, two places on the disk not even by that.
  if ((await accessTo(known)) !== 'ready') return !onDisk && known.bytes === brought.bytes;
  try {
    const source = await sourceOf(known);
    return source.kind === 'folder' && (await holdTheSame(source.files, files.files));
  } catch {
    // It is gone from where it was: what was brought is where it went.
    return true;
  }
}

/**
 * Models of one kind have files of the same sizes, so their bytes must tell them apart. Of the largest file a few
 * places do.
 */
const SAMPLE_BYTES = 65_536;

async function holdTheSame(before: FolderSource['files'], now: FolderSource['files']): Promise<boolean> {
  const bySize = (files: FolderSource['files']) => files.map(({ file }) => file).sort((a, b) => b.size - a.size);
  const [ours, theirs] = [bySize(before), bySize(now)];
  if (ours.length !== theirs.length || ours.some(({ size }, i) => size !== theirs[i].size)) return false;
  const [a, b] = [ours[0], theirs[0]];
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const at = Math.max(0, Math.floor(share * (a.size - SAMPLE_BYTES)));
    const [one, other] = await Promise.all([a, b].map((file) => bytesAt(file, at)));
    if (one.some((byte, i) => byte !== other[i])) return false;
  }
  return true;
}

async function bytesAt(file: Blob, at: number): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(at, at + SAMPLE_BYTES).arrayBuffer());
}
