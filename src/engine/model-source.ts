import { EaselError, said } from '../core/errors';
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
      throw new EaselError('bad-request', said`Unknown kind of model source.`);
  }
}

/** Picked or dropped files, read as slices: nothing is copied into memory before it is needed. */
export function folderFiles(name: string, files: readonly { path: string; file: Blob }[]): ModelFiles {
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  const get = (path: string) => {
    const file = byPath.get(path);
    if (!file) throw new EaselError('corrupt', said`The folder "${name}" lacks ${path}.`);
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
        throw new EaselError('corrupt', said`${path} can no longer be read from the disk. Open the folder again.`, {
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

type Entry = Manifest['files'][number];

/** The networks in the order in which they are wanted; what is smaller goes before them. */
const WANTED = ['text_encoder', 'unet', 'vae'];

/**
 * What a first picture can do without, and nothing of it is needed to open the model but its header: the classifier,
 * and the LoRA for few steps.
 */
const isForLater = ({ path, size }: Entry, { fast }: Manifest) =>
  size > HEADER_BYTES && (path.startsWith('guidance/') || path === fast?.lora);

/** A header begins after its length, and is no longer than this where it is worth a request of its own. */
const LENGTH_BYTES = 8;
const HEADER_BYTES = 1 << 16;

/** Fetches what opening and a first picture take, side by side; the rest when it is first read. */
async function download(
  base: string,
  onProgress: (progress: DownloadProgress) => void,
  fetching: Fetching,
): Promise<ModelFiles> {
  const { text, manifest } = await readManifest(base, fetching);
  const rank = ({ path }: Entry) =>
    WANTED.findIndex((folder) => path.startsWith(folder) && path.endsWith('.safetensors'));
  const later = manifest.files.filter((file) => isForLater(file, manifest));
  const first = manifest.files.filter((file) => !later.includes(file)).sort((a, b) => rank(a) - rank(b));
  const totalBytes = first.reduce((sum, file) => sum + file.size, 0);
  let loadedBytes = 0;
  const read = async (file: Entry): Promise<[string, Uint8Array]> => {
    const bytes = await readFile(base, file, fetching, (more) => {
      loadedBytes += more;
      onProgress({ loadedBytes, totalBytes, file: file.path });
    });
    return [file.path, bytes];
  };
  const contents = Object.fromEntries(await Promise.all(first.map(read)));
  const here = memoryFiles(manifest.name, { 'manifest.json': new TextEncoder().encode(text), ...contents });
  return withLater(here, later, base, { fetcher: fetching.fetcher }, manifest.fast?.lora);
}

/**
 * A model's files and those that are fetched when they are read: a header by itself where the host sends parts, all
 * else whole and checked. What fails is tried again at the next reading.
 * @param soon one of them that is fetched now: nothing waits for it
 */
function withLater(
  here: ModelFiles,
  later: readonly Entry[],
  base: string,
  fetching: Fetching,
  soon: string | undefined,
): ModelFiles {
  const entries = new Map(later.map((entry) => [entry.path, entry]));
  const coming = new Map<string, Promise<Uint8Array>>();
  const come = new Set<string>();
  const fetchWhole = (entry: Entry) => {
    const bytes = coming.get(entry.path) ?? readFile(base, entry, fetching, () => undefined);
    coming.set(entry.path, bytes);
    bytes.then(
      () => come.add(entry.path),
      () => coming.delete(entry.path),
    );
    return bytes;
  };
  const early = soon === undefined ? undefined : entries.get(soon);
  if (early) void fetchWhole(early).catch(() => undefined);
  return {
    ...here,
    list: () => [...here.list(), ...entries.keys()],
    size: (path) => entries.get(path)?.size ?? here.size(path),
    async read(path, start = 0, end = entries.get(path)?.size) {
      const entry = entries.get(path);
      if (!entry || end === undefined) return here.read(path, start, end);
      const isHeader = start <= LENGTH_BYTES && end - start <= HEADER_BYTES;
      const part = isHeader && !come.has(path) && (await readPart(base, path, start, end, fetching));
      return part || (await fetchWhole(entry)).slice(start, end);
    },
  };
}

/** Bytes [start, end) of a file; undefined where the host sends something else. */
async function readPart(
  base: string,
  path: string,
  start: number,
  end: number,
  fetching: Fetching,
): Promise<Uint8Array | undefined> {
  const response = await request(base, path, fetching, { Range: `bytes=${start}-${end - 1}` });
  const bytes = response.status === 206 ? new Uint8Array(await response.arrayBuffer()) : undefined;
  if (!bytes) void response.body?.cancel();
  return bytes?.length === end - start ? bytes : undefined;
}

/** Checked, and as it came, for whoever opens the folder reads it anew. */
async function readManifest(base: string, fetching: Fetching): Promise<{ text: string; manifest: Manifest }> {
  const text = await (await request(base, 'manifest.json', fetching)).text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new EaselError('corrupt', said`${base} has no manifest.json: there is no model at that address.`);
  }
  return { text, manifest: parseManifest(json) };
}

const COPY_ALL = said`Whoever hosts it must copy all of the model’s files.`;

async function request(
  base: string,
  path: string,
  { fetcher = fetch, signal }: Fetching,
  headers?: Readonly<Record<string, string>>,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetcher(base + path, headers ? { signal, headers } : { signal });
  } catch (cause) {
    throw new EaselError('offline', said`${base}${path} cannot be reached. Check the connection and try again.`, {
      cause,
    });
  }
  if (!response.ok)
    throw new EaselError('corrupt', said`${base}${path} is not there (HTTP ${response.status}). ${COPY_ALL}`);
  // No model has such a file: a host that answers every unknown address with its front page says 200.
  if (response.headers.get('Content-Type')?.startsWith('text/html'))
    throw new EaselError(
      'corrupt',
      said`${base}${path} is not there: the host sends a web page in its place. ${COPY_ALL}`,
    );
  return response;
}

async function readFile(
  base: string,
  { path, size, sha256 }: Entry,
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
    said`${path} arrived damaged: it is not the file that the manifest names. Load the model again.`,
  );

async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
