import { deflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import { crc32 } from '../../core/image/png-chunks';

/** Half transparent, so that what is under the transparency is read too. */
export const SMALL_PICTURE = encode({
  width: 2,
  height: 1,
  channels: 4,
  data: Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 0),
});

/** Signature and IHDR. */
const HEADER_BYTES = 33;

/**
 * A picture with a chunk behind its header that unpacks to far more than it has.
 * @param head what stands in the chunk before what is packed, Latin-1
 */
export function bomb(type: string, head: string, unpackedBytes = 2 ** 26): Buffer {
  const packed = deflateSync(Buffer.alloc(unpackedBytes));
  const body = Buffer.concat([Buffer.from(type + head, 'latin1'), packed]);
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length - 4);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([
    SMALL_PICTURE.subarray(0, HEADER_BYTES),
    length,
    body,
    crc,
    SMALL_PICTURE.subarray(HEADER_BYTES),
  ]);
}
