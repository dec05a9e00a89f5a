import { beforeEach, expect, it, vi } from 'vitest';
import { copyIn, holdFiles } from './library-files';
import type { LibraryRecord } from './library-record';

const RECORD: LibraryRecord = {
  v: 1,
  id: 'model:dreamy',
  kind: 'model',
  name: 'dreamy',
  place: { kind: 'dropped' },
  bytes: 3,
  usedAt: 0,
};
const full = new DOMException('The operation would exceed its storage quota.', 'QuotaExceededError');
const gone = new DOMException('The file could not be read.', 'NotReadableError');
const refuse = (error: DOMException) => async () => {
  throw error;
};

/** The browser's folder of copies: any of its steps may refuse. */
class FakeFolder {
  readonly entries = new Map<string, string>();
  refusals: { name?: DOMException; writable?: DOMException; write?: DOMException } = {};
  async getFileHandle(name: string) {
    if (this.refusals.name) throw this.refusals.name;
    this.entries.set(name, '');
    return { createWritable: () => this.createWritable(name) };
  }
  async createWritable(name: string) {
    if (this.refusals.writable) throw this.refusals.writable;
    const { write } = this.refusals;
    const kept = (chunk: Uint8Array) => void this.entries.set(name, new TextDecoder().decode(chunk));
    return new WritableStream<Uint8Array>({ write: write ? refuse(write) : kept });
  }
  async removeEntry(name: string) {
    if (!this.entries.delete(name)) throw new DOMException('There is no such entry.', 'NotFoundError');
  }
}

let folder: FakeFolder;

beforeEach(() => {
  folder = new FakeFolder();
  vi.stubGlobal('navigator', {
    locks: { request: (_: string, work: () => unknown) => work() },
    storage: { getDirectory: async () => ({ getDirectoryHandle: async () => folder }) },
  });
  holdFiles(RECORD.id, {
    kind: 'folder',
    name: 'dreamy',
    files: [{ path: 'dreamy.safetensors', file: new File(['abc'], 'x') }],
  });
});

it('copies a file into the browser', async () => {
  await copyIn(RECORD);
  expect([...folder.entries]).toEqual([['model%3Adreamy', 'abc']]);
});

it.each(['name', 'writable', 'write'] as const)(
  'says in one sentence that there is no room (%s), and leaves nothing behind',
  async (step) => {
    folder.refusals = { [step]: full };
    await expect(copyIn(RECORD)).rejects.toMatchObject({
      code: 'quota',
      message: 'There is no room in the browser for a copy of dreamy. It stays where it is.',
    });
    expect(folder.entries.size).toBe(0);
  },
);

it('does not blame the room for what else went wrong', async () => {
  folder.refusals = { write: gone };
  await expect(copyIn(RECORD)).rejects.toMatchObject({
    code: 'unsupported',
    message: 'dreamy could not be copied and stays where it is: The file could not be read.',
  });
});
