import { EaselError } from '../core/errors';
import { type Manifest, parseManifest } from '../model/weights/manifest';
import { memoryFiles } from '../model/weights/memory-files';
import type { ModelFiles } from '../model/weights/model-files';
import type { ModelSource, NamedFile } from './protocol';

export interface DownloadProgress {
  loadedBytes: number;
  totalBytes: number;
  file: string;
}

/** What fetches, and the signal that ends it. */
interface Fetching {
  fetcher?: typeof fetch;
  signal?: AbortSignal;
}

/**
 * A model's files from wherever the person has them.
 * @throws EaselError `offline` when the address cannot be reached, `corrupt` naming a missing or damaged file.
 */
export async function openSource(
  source: ModelSource,
  onProgress: (progress: DownloadProgress) => void,
  fetching: Fetching = {},
): Promise<ModelFiles> {
  switch (source.kind) {
    case 'url':
      return download(source.base, onProgress, fetching);
    case 'folder':
      return folderFiles(source.name, source.files);
    default:
      source satisfies never;
      throw new EaselError('bad-request', 'Unknown kind of model source.');
  }
}

/** Picked or dropped files, read as slices: nothing is copied into memory before it is needed. */
export function folderFiles(name: string, files: readonly { path: string; file: Blob }[]): ModelFiles {
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  const get = (path: string) => {
    const file = byPath.get(path);
    if (!file) throw new EaselError('corrupt', `The folder "${name}" lacks ${path}.`);
    return file;
  };
  return {
    name,
    list: () => [...byPath.keys()],
    size: (path) => get(path).size,
    blob: (path) => byPath.get(path),
    async read(path, start = 0, end = get(path).size) {
      try {
        return new Uint8Array(await get(path).slice(start, end).arrayBuffer());
      } catch (cause) {
        throw new EaselError('corrupt', `${path} can no longer be read from the disk. Open the folder again.`, {
          cause,
        });
      }
    },
  };
}

/** One file from the disk, as the model's layers read files. */
export function asModelFiles({ name, file }: NamedFile): { files: ModelFiles; path: string } {
  return { files: folderFiles(name, [{ path: name, file }]), path: name };
}

/**
 * CLIP's vocabulary from the page's own address: a folder with `tokenizer/vocab.json` and `merges.txt`.
 * @throws EaselError `offline` or `corrupt` naming the file.
 */
export async function openVocabulary(base: string, fetching: Fetching = {}): Promise<ModelFiles> {
  const contents: Record<string, Uint8Array> = {};
  for (const path of ['tokenizer/vocab.json', 'tokenizer/merges.txt'])
    contents[path] = new Uint8Array(await (await request(base, path, fetching)).arrayBuffer());
  return memoryFiles('CLIP', contents);
}

/** A file comes in hundreds of pieces, each of which would be drawn. */
const PROGRESS_INTERVAL_MS = 100;

async function download(
  base: string,
  onProgress: (progress: DownloadProgress) => void,
  fetching: Fetching,
): Promise<ModelFiles> {
  const { text, manifest } = await readManifest(base, fetching);
  const totalBytes = manifest.files.reduce((sum, file) => sum + file.size, 0);
  let loadedBytes = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;
  const read = async (file: Manifest['files'][number]): Promise<[string, Uint8Array]> => {
    const bytes = await readFile(base, file, fetching, (more) => {
      loadedBytes += more;
      const now = performance.now();
      if (now - reportedAt < PROGRESS_INTERVAL_MS && loadedBytes < totalBytes) return;
      reportedAt = now;
      onProgress({ loadedBytes, totalBytes, file: file.path });
    });
    return [file.path, bytes];
  };
  const contents = Object.fromEntries(await Promise.all(manifest.files.map(read)));
  return memoryFiles(manifest.name, { 'manifest.json': new TextEncoder().encode(text), ...contents });
}

/** Checked, and as it came, for whoever opens the folder reads it anew. */
async function readManifest(base: string, fetching: Fetching): Promise<{ text: string; manifest: Manifest }> {
  const text = await (await request(base, 'manifest.json', fetching)).text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new EaselError('corrupt', `${base} has no manifest.json: there is no model at that address.`);
  }
  return { text, manifest: parseManifest(json) };
}

const COPY_ALL = 'Whoever hosts it must copy all of the model’s files.';

async function request(base: string, path: string, { fetcher = fetch, signal }: Fetching): Promise<Response> {
  let response: Response;
  try {
    response = await fetcher(base + path, { signal });
  } catch (cause) {
    throw new EaselError('offline', `${base}${path} cannot be reached. Check the connection and try again.`, { cause });
  }
  if (!response.ok)
    throw new EaselError('corrupt', `${base}${path} is not there (HTTP ${response.status}). ${COPY_ALL}`);
  // No model has such a file: a host that answers every unknown address with its front page says 200.
  if (response.headers.get('Content-Type')?.startsWith('text/html'))
    throw new EaselError('corrupt', `${base}${path} is not there: the host sends a web page in its place. ${COPY_ALL}`);
  return response;
}

async function readFile(
  base: string,
  { path, size, sha256 }: Manifest['files'][number],
  fetching: Fetching,
  onBytes: (more: number) => void,
): Promise<Uint8Array> {
  const response = await request(base, path, fetching);
  const bytes = new Uint8Array(size);
  let at = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    fetching.signal?.throwIfAborted();
    if (at + part.value.length > size) throw damaged(path);
    bytes.set(part.value, at);
    at += part.value.length;
    onBytes(part.value.length);
  }
  if (at !== size || (await sha256Of(bytes)) !== sha256) throw damaged(path);
  return bytes;
}

const damaged = (path: string) =>
  new EaselError(
    'corrupt',
    `${path} arrived damaged: it is not the file that the manifest names. Load the model again.`,
  );

async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
