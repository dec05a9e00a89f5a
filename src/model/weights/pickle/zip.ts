import { EaselError, said } from '../../../core/errors';
import type { ModelFiles } from '../model-files';

/** One file in an archive. */
export interface ZipEntry {
  name: string;
  /** Whether it lies there as it is, not compressed. */
  isStored: boolean;
  /** Bytes as they lie in the archive. */
  size: number;
  /** Where its own header begins, before its bytes. */
  header: number;
}

const SIGNATURE = { file: 0x04034b50, directory: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator: 0x07064b50 };
const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;
const DIRECTORY_BYTES = 46;
const FILE_BYTES = 30;
/** Behind the end of an archive may stand a comment of so many bytes. */
const MAX_COMMENT = 65_535;
/** Archives of models have some thousand entries of a hundred bytes. */
const MAX_DIRECTORY = 64_000_000;
/** A field of four bytes that says: look among the extra ones, where it has eight. */
const ELSEWHERE = 0xffffffff;
const ZIP64 = 1;

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const uint64 = (view: DataView, at: number) => Number(view.getBigUint64(at, true));

/**
 * The directory of a ZIP archive, also of one over 4 GiB (PKWARE's APPNOTE 6.3.10, sections 4.3.7 to 4.3.16). None of
 * its files is read.
 * @throws EaselError `corrupt` where it is cut short or its directory makes no sense
 */
export async function readDirectory(files: ModelFiles, path: string): Promise<ZipEntry[]> {
  const { offset, size } = await findDirectory(files, path);
  const entries: ZipEntry[] = [];
  const bytes = await files.read(path, offset, offset + size);
  const view = viewOf(bytes);
  for (let at = 0; at + DIRECTORY_BYTES <= size; ) {
    if (view.getUint32(at, true) !== SIGNATURE.directory) throw damaged(path);
    const [name, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const next = at + DIRECTORY_BYTES + name + extra + comment;
    if (next > size) throw damaged(path);
    const nameAt = at + DIRECTORY_BYTES;
    const wide = wideFields(view, at, nameAt + name, extra);
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(nameAt, nameAt + name)),
      isStored: view.getUint16(at + 10, true) === 0,
      size: wide.packed,
      header: wide.header,
    });
    at = next;
  }
  return entries;
}

/** Where an entry's bytes begin: behind its own header, whose extra fields are not the directory's. */
export async function dataStart(files: ModelFiles, path: string, { header, size, name }: ZipEntry): Promise<number> {
  const end = files.size(path);
  if (header + FILE_BYTES > end) throw damaged(path);
  const view = viewOf(await files.read(path, header, header + FILE_BYTES));
  if (view.getUint32(0, true) !== SIGNATURE.file) throw damaged(path);
  const start = header + FILE_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + size > end)
    throw new EaselError('corrupt', said`${path}: its part "${name}" is cut short. Download the file again.`);
  return start;
}

async function findDirectory(files: ModelFiles, path: string): Promise<{ offset: number; size: number }> {
  const length = files.size(path);
  const from = Math.max(0, length - END_BYTES - MAX_COMMENT - LOCATOR_BYTES);
  const view = viewOf(await files.read(path, from, length));
  for (let at = view.byteLength - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) !== SIGNATURE.end) continue;
    const locator = at - LOCATOR_BYTES;
    const isWide = locator >= 0 && view.getUint32(locator, true) === SIGNATURE.locator;
    const found = isWide
      ? await wideEnd(files, path, uint64(view, locator + 8))
      : { size: view.getUint32(at + 12, true), offset: view.getUint32(at + 16, true) };
    if (found.size > MAX_DIRECTORY || found.offset + found.size > length) throw damaged(path);
    return found;
  }
  throw damaged(path);
}

async function wideEnd(files: ModelFiles, path: string, at: number): Promise<{ offset: number; size: number }> {
  if (at + END64_BYTES > files.size(path)) throw damaged(path);
  const view = viewOf(await files.read(path, at, at + END64_BYTES));
  if (view.getUint32(0, true) !== SIGNATURE.end64) throw damaged(path);
  return { size: uint64(view, 40), offset: uint64(view, 48) };
}

/** An entry's size and place; those beyond 4 GiB stand in the extra field of ZIP64, in this order. */
function wideFields(view: DataView, at: number, extraAt: number, extra: number): { packed: number; header: number } {
  const fields = [24, 20, 42].map((field) => view.getUint32(at + field, true));
  for (let place = extraAt; place + 4 <= extraAt + extra; ) {
    const [id, length] = [view.getUint16(place, true), view.getUint16(place + 2, true)];
    const end = Math.min(place + 4 + length, extraAt + extra);
    if (id === ZIP64) {
      let value = place + 4;
      for (const [i, field] of fields.entries()) {
        if (field !== ELSEWHERE || value + 8 > end) continue;
        fields[i] = uint64(view, value);
        value += 8;
      }
    }
    place += 4 + length;
  }
  const [, packed, header] = fields;
  return { packed, header };
}

const damaged = (path: string) =>
  new EaselError(
    'corrupt',
    said`${path} is cut short or damaged: its table of contents cannot be read. Download it again.`,
  );
