import { expect, it } from 'vitest';
import { FastClock } from '../fixtures/clocks';
import { headOfFile, shapeOfFolder } from './remote-weights';

/** A site that sends parts, or everything whole. */
function site(
  files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>,
  { parts = true, key = '', exposed = true } = {},
) {
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const path = String(input).slice('https://site.example/'.length);
    const headers = new Headers(init?.headers);
    const range = headers.get('Range') ?? '';
    asked.push(`${path} ${range}`);
    if (key && headers.get('Authorization') !== key) return new Response('Restricted', { status: 401 });
    const [, from, to] = (/^bytes=(\d+)-(\d+)$/.exec(range) ?? []).map(Number);
    const bytes = files[path];
    if (!parts) return new Response(bytes, { headers: { 'Content-Length': String(bytes.length) } });
    const part = bytes.slice(from, to + 1);
    const about = `bytes ${from}-${from + part.length - 1}/${bytes.length}`;
    return new Response(part, { status: 206, headers: exposed ? { 'Content-Range': about } : {} });
  };
  const authorize = (url: string) => (key ? { url, headers: { Authorization: key } } : undefined);
  const remote = Object.entries(files).map(([path, { length }]) => ({
    path,
    url: `https://site.example/${path}`,
    bytes: length,
  }));
  return { asked, remote, asking: { fetch, authorize, clock: new FastClock() } };
}

/** A .safetensors file of these shapes in float16. @param padding spaces after the header */
function weights(shapes: Readonly<Record<string, readonly number[]>>, padding = 0): Uint8Array<ArrayBuffer> {
  let at = 0;
  const entries = Object.entries(shapes).map(([key, shape]) => {
    const start = at;
    at += 2 * shape.reduce((product, side) => product * side, 1);
    return [key, { dtype: 'F16', shape, data_offsets: [start, at] }];
  });
  const header = new TextEncoder().encode(JSON.stringify({ __metadata__: {}, ...Object.fromEntries(entries) }));
  const bytes = new Uint8Array(8 + header.length + padding + at).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length + padding), true);
  bytes.set(header, 8);
  return bytes;
}

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const FOLDER = {
  'model_index.json': json({}),
  'text_encoder/model.safetensors': weights({ a: [10, 3] }),
  'text_encoder_2/model.safetensors': weights({ a: [4] }),
  'unet/config.json': json({ sample_size: 96 }),
  'unet/diffusion_pytorch_model-00001-of-00002.safetensors': weights({ a: [5, 2, 3, 3] }),
  'unet/diffusion_pytorch_model-00002-of-00002.safetensors': weights({ b: [], c: [9] }),
  'vae/diffusion_pytorch_model.safetensors': weights({ 'decoder.a': [7], 'post_quant_conv.b': [2], 'encoder.c': [99] }),
};

it('counts a folder’s weights by their headers, and takes the size of its pictures from its configuration', async () => {
  const { remote, asking, asked } = site(FOLDER);
  expect(await shapeOfFolder(remote, asking)).toEqual({ parameters: { text: 34, unet: 100, decoder: 9 }, side: 768 });
  expect(asked).toHaveLength(6);
});

it('asks for the rest of a long header alone, and gives a file of its size that holds no weights', async () => {
  const file = weights({ a: [1000] }, 2 ** 19);
  const { remote, asking, asked } = site({ 'w.safetensors': file });
  const [known] = remote;
  const bytes = 2 ** 26 + 12345; // of which the site would send the rest
  const { head } = await headOfFile({ ...known, bytes }, asking);
  expect(asked).toEqual(['w.safetensors bytes=0-524287', `w.safetensors bytes=524288-${file.length - 2000 - 1}`]);
  expect(head?.size).toBe(bytes);
  const read = new Uint8Array((await head?.slice(0, file.length - 2000).arrayBuffer()) ?? new ArrayBuffer(0));
  expect(Buffer.compare(read, file.subarray(0, file.length - 2000))).toBe(0);
});

it.each([
  ['the answer says', true],
  ['its header says, where a page may not see what the answer says', false],
])('knows a file’s size from what %s', async (_, exposed) => {
  const file = weights({ a: [30], b: [10] });
  const { remote, asking } = site({ 'w.safetensors': file }, { exposed });
  const { head, bytes } = await headOfFile({ ...remote[0], bytes: undefined }, asking);
  expect([bytes, head?.size]).toEqual([file.length, file.length]);
});

it('takes the person’s key where one is needed', async () => {
  const { remote, asking, asked } = site(FOLDER, { key: 'Bearer x' });
  expect((await shapeOfFolder(remote, asking))?.parameters.unet).toBe(100);
  expect(asked).toHaveLength(12);
});

it('tells nothing where a site sends large files whole, a header is beyond reason or it is no model', async () => {
  const large = { 'unet/a.safetensors': weights({ a: [300_000] }) };
  const { remote, asking } = site(large, { parts: false });
  expect(await shapeOfFolder(remote, asking)).toBeUndefined();
  const bad = new Uint8Array(100).fill(255);
  const other = site({ 'unet/a.safetensors': bad });
  expect(await headOfFile(other.remote[0], other.asking)).toEqual({ bytes: 100 });
  expect(await shapeOfFolder([], asking)).toBeUndefined();
  // The size is told all the same.
  const { length } = large['unet/a.safetensors'];
  expect(await headOfFile({ ...remote[0], bytes: undefined }, asking)).toEqual({ bytes: length });
});
