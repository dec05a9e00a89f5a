import { EaselError, said } from '../../core/errors';
import type { InputImage, Size } from '../../core/image/picture';
import type { BlobRef } from '../../jobs/job';
import { contentHash } from '../gallery/gallery-db';

/** The bytes of the inputs of jobs; they go with the last job that holds their reference. */
const blobs = new WeakMap<BlobRef, Blob>();

/** What lies before the pixels: width and height, 32 bits each, little-endian. */
const HEADER_BYTES = 8;

/** Keeps a picture and its mask, byte for byte, for the jobs that paint from them. */
export async function keepInputs({ picture, mask }: InputImage): Promise<readonly BlobRef[]> {
  const rasters = [{ kind: 'picture', ...picture } as const, ...(mask ? [{ kind: 'mask', ...mask } as const] : [])];
  return Promise.all(
    rasters.map(async ({ kind, width, height, data }) => {
      const header = new DataView(new ArrayBuffer(HEADER_BYTES));
      header.setUint32(0, width, true);
      header.setUint32(4, height, true);
      const blob = new Blob([header, data]);
      return holdInput({ kind, hash: await contentHash(blob) }, blob);
    }),
  );
}

/** Holds the bytes behind a reference from now on. */
export function holdInput(ref: BlobRef, blob: Blob): BlobRef {
  blobs.set(ref, blob);
  return ref;
}

/** The bytes behind a reference. @throws EaselError `corrupt` where they are gone */
export function inputBlob(ref: BlobRef): Blob {
  const blob = blobs.get(ref);
  if (!blob)
    throw new EaselError('corrupt', said`The ${ref.kind} that this was to be painted from is gone. Paint it anew.`);
  return blob;
}

/** What a job is painted from, as the engine takes it; undefined without inputs. @throws as `inputBlob` */
export async function givenOf(inputs: readonly BlobRef[]): Promise<InputImage | undefined> {
  const raster = async (kind: BlobRef['kind']) => {
    const ref = inputs.find((input) => input.kind === kind);
    return ref && readRaster(inputBlob(ref));
  };
  const [picture, mask] = await Promise.all([raster('picture'), raster('mask')]);
  if (!picture) return undefined;
  const given = { ...picture, data: new Uint8ClampedArray(picture.data) };
  return mask ? { picture: given, mask: { ...mask, data: new Uint8Array(mask.data) } } : { picture: given };
}

async function readRaster(blob: Blob): Promise<Size & { data: ArrayBuffer }> {
  const [header, data] = await Promise.all([
    blob.slice(0, HEADER_BYTES).arrayBuffer(),
    blob.slice(HEADER_BYTES).arrayBuffer(),
  ]);
  const sides = new DataView(header);
  return { width: sides.getUint32(0, true), height: sides.getUint32(4, true), data };
}
