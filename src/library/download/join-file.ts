import { said } from '../../core/errors';
import type { Manifest, ModelFile } from '../files/manifest';
import type { ModelStore, OnBytes, WrittenFile } from '../files/model-store';
import { withBlobs } from '../files/model-store';
import type { RemoteFile } from './download-file';
import { completed, withWhole } from './kept-downloads';
import { checkHead, HEAD_BYTES } from './reply';

/** What became of a file that may be one that a download waits for or a model has lost. */
export type Joined =
  /** It is in its place; of the models of these names. */
  | { outcome: 'joined'; names: readonly string[] }
  /** It is called so, or as long, and is another one: its hash is not the one that was published. */
  | { outcome: 'differs'; path: string; name: string }
  | { outcome: 'not-awaited' };

/** A file that is missing. */
interface Place {
  /** Of the download or the model, and what it is called. */
  id: string;
  name: string;
  file: Pick<RemoteFile, 'path' | 'bytes' | 'sha256'>;
  of: 'download' | 'model';
}

/**
 * Where a file that somebody brings may belong, by its size and, where its hash is not known, by its name.
 * @param file its name and its bytes
 */
export function placesFor(manifest: Manifest, file: { name: string; size: number }): readonly Place[] {
  const ofDownloads = manifest.downloads.flatMap(({ id, name, origin, parts }) =>
    origin.files
      .filter(({ path }) => !isWhole(parts[path]))
      .map((remote): Place => ({ id, name, file: remote, of: 'download' })),
  );
  const ofModels = manifest.models.flatMap(({ id, name, files }) =>
    files
      .filter(({ sha256 }) => !manifest.blobs[sha256])
      .map((lost: ModelFile): Place => ({ id, name, file: lost, of: 'model' })),
  );
  return [...ofDownloads, ...ofModels].filter((place) => fits(place.file, file));
}

const isWhole = (part: object | undefined) => part !== undefined && 'whole' in part;

function fits({ path, bytes, sha256 }: Place['file'], { name, size }: { name: string; size: number }): boolean {
  if (bytes !== undefined && bytes !== size) return false;
  // Where size and hash are known, people may call it as they like.
  return (bytes !== undefined && sha256 !== undefined) || plainName(path) === plainName(name);
}

/** "W (1).safetensors", as browsers call the second of one name, is "w.safetensors". */
const plainName = (path: string) => (path.split('/').at(-1) ?? '').replace(/ ?\(\d+\)(?=\.[^.]+$)/, '').toLowerCase();

/**
 * Puts a file that somebody brings into the place of the one that a download waits for or a model has lost. A download
 * of which nothing else is missing is a model then.
 * @throws LibraryError `no-room`, `disk`, `wrong-content` where it is a saved web page
 */
export async function joinFile(
  store: ModelStore,
  name: string,
  file: Blob,
  onBytes?: OnBytes,
  signal?: AbortSignal,
): Promise<Joined> {
  const [likely] = placesFor(await store.manifest.read(), { name, size: file.size });
  if (!likely) return { outcome: 'not-awaited' };
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  checkHead(head, file.size, { path: likely.file.path, host: said`the site` });
  let names: readonly string[] = [];
  const place = (manifest: Manifest, written: WrittenFile) => {
    const places = placesFor(manifest, { name, size: file.size }).filter(({ file: { sha256 } }) =>
      [undefined, written.sha256].includes(sha256),
    );
    names = [...new Set(places.map((found) => found.name))];
    return places.reduce((before, found) => filled(before, found, written, store.ports.now()), manifest);
  };
  if (await store.takeIn(name, file, place, onBytes, signal)) return { outcome: 'joined', names };
  return { outcome: 'differs', path: likely.file.path, name: likely.name };
}

function filled(manifest: Manifest, { id, file: { path }, of }: Place, written: WrittenFile, now: number): Manifest {
  if (of === 'model') return withBlobs(manifest, [written]);
  const { sha256, bytes, file } = written;
  const after = withWhole(manifest, id, { path, sha256, bytes }, file);
  const download = after.downloads.find((other) => other.id === id);
  const isDone = download?.origin.files.every((remote) => isWhole(download.parts[remote.path]));
  return isDone ? completed(after, id, now) : after;
}
