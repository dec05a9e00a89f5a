import { sha256OfBlob } from '../download/ordered-hash';

/** A .safetensors file begins with its header's length, in eight bytes. */
const LENGTH_BYTES = 8;

/**
 * The SHA-256 of a file, read part by part, in hex.
 * @param skipsHeader whether what a .safetensors file has before its tensors is left out
 */
export async function hashOfFile(file: Blob, skipsHeader: boolean, signal?: AbortSignal): Promise<string> {
  const start = skipsHeader ? await headerEnd(file) : 0;
  return sha256OfBlob(file.slice(start), undefined, signal);
}

async function headerEnd(file: Blob): Promise<number> {
  const length = await file.slice(0, LENGTH_BYTES).arrayBuffer();
  if (length.byteLength < LENGTH_BYTES) return file.size;
  return LENGTH_BYTES + Number(new DataView(length).getBigUint64(0, true));
}
