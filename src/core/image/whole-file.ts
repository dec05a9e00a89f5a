const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8, 0xff];

const startsWith = (bytes: Uint8Array, start: readonly number[]) => start.every((byte, i) => bytes[i] === byte);

export const isPng = (bytes: Uint8Array): boolean => startsWith(bytes, PNG);

/**
 * Whether a PNG or JPEG ends before its end mark: browsers show what there is of it and say nothing. Bytes after the
 * mark, which phones add, are no harm. False for every other kind of file. Layout: PNG, section 5.3 (chunks); JPEG, ITU
 * T.81, annex B (markers).
 */
export function breaksOff(bytes: Uint8Array): boolean {
  if (isPng(bytes)) return !pngEnds(bytes);
  return startsWith(bytes, JPEG) && !jpegEnds(bytes);
}

function pngEnds(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = PNG.length; at + 12 <= bytes.length; ) {
    const next = at + 12 + view.getUint32(at);
    if (view.getUint32(at + 4) === IEND) return next <= bytes.length;
    at = next;
  }
  return false;
}

const IEND = 0x49454e44;
const EOI = 0xd9;
const SOS = 0xda;
/** Markers without a length: TEM, RST0 .. RST7, SOI. */
const isBare = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

function jpegEnds(bytes: Uint8Array): boolean {
  let at = 2;
  while (at + 1 < bytes.length) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1];
    if (marker === EOI) return true;
    if (marker === 0xff) {
      at++; // fill bytes
      continue;
    }
    at += 2;
    if (isBare(marker)) continue;
    if (at + 1 >= bytes.length) return false;
    at += (bytes[at] << 8) | bytes[at + 1];
    if (marker === SOS) at = afterScan(bytes, at);
  }
  return false;
}

/** The next marker after entropy-coded bytes, in which FF stands only before 00 and restart marks. */
function afterScan(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) {
    const next = bytes[at + 1];
    if (bytes[at] === 0xff && next !== 0 && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.length;
}
