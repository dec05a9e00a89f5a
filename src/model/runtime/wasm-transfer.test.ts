import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { WASM_BYTES, WasmTransfer } from './wasm-transfer';

it('knows how long the builds are', () => {
  const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
  for (const [build, bytes] of Object.entries(WASM_BYTES))
    expect(statSync(join(folder, `ort-wasm-simd-threaded.${build}.wasm`)).size).toBe(bytes);
});

/** A page whose host sends this for any address. */
function host(send: () => Promise<Response>) {
  const scope = { fetch: send as typeof fetch };
  const transfer = new WasmTransfer();
  transfer.follow(4, scope);
  return { transfer, ask: (address: string) => scope.fetch(address) };
}

const response = (address: string) =>
  Object.defineProperty(new Response(Uint8Array.of(1, 2, 3, 4)), 'url', { value: address });

it('counts the WebAssembly, and nothing else, and hands it on as it came', async () => {
  const sent = response('http://x/a.wasm');
  const { transfer, ask } = host(async () => sent);
  let heard = 0;
  transfer.onBytes = () => heard++;
  expect(await ask('a.wasm')).toBe(sent);
  await transfer.arrived;
  expect({ loaded: transfer.loadedBytes, heard: heard > 0 }).toEqual({ loaded: 4, heard: true });
  expect((await sent.arrayBuffer()).byteLength).toBe(4);
  const other = host(async () => response('http://x/a.json'));
  await other.ask('a.json');
  expect(other.transfer.loadedBytes).toBe(0);
});

it('waits for nothing where it does not come', async () => {
  const { transfer, ask } = host(() => Promise.reject(new TypeError('Failed to fetch')));
  await expect(ask('a.wasm')).rejects.toThrow('Failed to fetch');
  await transfer.arrived;
});
