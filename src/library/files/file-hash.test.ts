import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { hashOfFile } from './file-hash';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

it('is that of the whole file, or of what follows a header of .safetensors', async () => {
  const header = new TextEncoder().encode('{"__metadata__":{"a":"b"}}');
  const tensors = Uint8Array.from({ length: 9_000_000 }, (_, i) => i % 251);
  const length = new BigUint64Array([BigInt(header.length)]);
  const file = new Blob([length, header, tensors]);
  expect(await hashOfFile(file, false)).toBe(sha256(new Uint8Array(await file.arrayBuffer())));
  expect(await hashOfFile(file, true)).toBe(sha256(tensors));
});

it('is that of nothing where a header is said to be longer than the file, or there is none', async () => {
  const nothing = sha256(new Uint8Array());
  expect(await hashOfFile(new Blob([new BigUint64Array([2n ** 63n])]), true)).toBe(nothing);
  expect(await hashOfFile(new Blob(['abc']), true)).toBe(nothing);
});

it('ends when it is called off', async () => {
  await expect(hashOfFile(new Blob(['abc']), false, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});
