import type { KeptDownload, Manifest, ModelFile } from '../files/manifest';
import { withBlobs, withModel } from '../files/model-store';
import type { RemoteFile } from './download-file';

function withDownload(manifest: Manifest, id: string, change: (download: KeptDownload) => KeptDownload): Manifest {
  return {
    ...manifest,
    downloads: manifest.downloads.map((download) => (download.id === id ? change(download) : download)),
  };
}

export function withState(
  manifest: Manifest,
  id: string,
  state: KeptDownload['state'],
  problem?: KeptDownload['problem'],
): Manifest {
  return withDownload(manifest, id, (download) => ({ ...download, state, problem }));
}

/** Says where a file is written to, before the first byte; or that the same file is there already. */
export function withPart(manifest: Manifest, id: string, remote: RemoteFile, newName: () => string): Manifest {
  const { path, sha256 } = remote;
  const download = manifest.downloads.find((other) => other.id === id);
  const known = download?.parts[path];
  if (!download || (known && 'whole' in known)) return manifest;
  const blob = sha256 === undefined ? undefined : manifest.blobs[sha256];
  if (known && !blob) return manifest;
  const part = blob && sha256 !== undefined ? { whole: { path, sha256, bytes: blob.bytes } } : { file: newName() };
  return withDownload(manifest, id, ({ parts, ...rest }) => ({ ...rest, parts: { ...parts, [path]: part } }));
}

/** A file is whole. Where a blob of its hash is there, that one stays, and the next sweep takes this one. */
export function withWhole(manifest: Manifest, id: string, whole: ModelFile, file: string): Manifest {
  if (!manifest.downloads.some((download) => download.id === id)) return manifest; // cancelled meanwhile
  return withDownload(withBlobs(manifest, [{ ...whole, file }]), id, ({ parts, ...rest }) => ({
    ...rest,
    parts: { ...parts, [whole.path]: { whole } },
  }));
}

/** A download of which every file is whole becomes a model, or makes one whole again. */
export function completed(manifest: Manifest, id: string, now: number): Manifest {
  const download = manifest.downloads.find((other) => other.id === id);
  if (!download) return manifest;
  const { name, kind, origin, parts } = download;
  const files = Object.values(parts).flatMap((part) => ('whole' in part ? [part.whole] : []));
  const downloads = manifest.downloads.filter((other) => other !== download);
  const repaired = manifest.models.find((model) => model.id === id && model.removedAt === undefined);
  const { addedAt = now, usedAt = now } = repaired ?? {};
  return withModel({ ...manifest, downloads }, { id, name, kind, origin, files, addedAt, usedAt });
}
