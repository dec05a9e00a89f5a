import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { StandIn } from '../../cli/stand-in/stand-in';
import { LIMITS } from '../download/download-file';
import { Downloads } from '../download/downloads';
import { browserFetch } from '../fixtures/browser-fetch';
import { FastClock } from '../fixtures/clocks';
import { MemoryChannel } from '../fixtures/memory-channel';
import { MemoryDirectory } from '../fixtures/memory-directory';
import { storeOver } from '../fixtures/memory-store';
import type { LibraryError } from '../trouble';
import { type ModelAddress, readAddress } from './address';
import { askSource } from './ask-source';
import { diffusersFiles } from './hub';
import { type KeyedHost, withKeys } from './site-keys';

/** Starts as safetensors do; its bytes are those of its name. */
function weights(name: string): Buffer {
  const bytes = Buffer.alloc(3000, name);
  bytes.writeBigUInt64LE(2n, 0);
  bytes.write('{}', 8);
  return bytes;
}
const json = (value: object) => Buffer.from(JSON.stringify(value));
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

const FOLDER = {
  'README.md': Buffer.from('hello'),
  'model_index.json': json({ _class_name: 'StableDiffusionPipeline' }),
  'scheduler/scheduler_config.json': json({}),
  'tokenizer/vocab.json': json({ a: 1 }),
  'tokenizer/merges.txt': Buffer.from('a b'),
  'unet/config.json': json({}),
  'unet/diffusion_pytorch_model.safetensors': weights('unet'),
  'unet/diffusion_pytorch_model.fp16.safetensors': weights('unet in fp16'),
  'unet/diffusion_pytorch_model.bin': weights('pickle'),
  'vae/config.json': json({}),
  'vae/diffusion_pytorch_model.safetensors': weights('vae'),
  'text_encoder/config.json': json({}),
  'text_encoder/model.safetensors': weights('text'),
  'safety_checker/model.safetensors': weights('safety'),
  'dreamy.safetensors': weights('whole checkpoint'),
};

/** The tests' clock runs ahead. */
const NEVER_SILENT = { ...LIMITS, silentMs: Number.POSITIVE_INFINITY };

let sites: StandIn;
let keys: Partial<Record<KeyedHost, string>>;
const network = () => ({
  fetch: browserFetch(sites),
  clock: new FastClock(),
  authorize: withKeys((host) => keys[host]),
  online: () => true,
});
const ask = (text: string) => askSource(readAddress(text), network());
const refusal = (asking: Promise<unknown>): Promise<LibraryError> =>
  asking.then(
    () => {
      throw new Error('It was not refused.');
    },
    (error) => error,
  );

beforeAll(async () => {
  sites = await StandIn.open();
  sites.addRepository('some/folder', FOLDER, { licence: 'creativeml-openrail-m' });
  sites.addRepository('some/gated', { 'a.safetensors': weights('gated') }, { token: 'hf_secret' });
  sites.addRepository('some/loras', { 'a.safetensors': weights('a'), 'sub/b.safetensors': weights('b') });
  sites.addRepository('some/pickles', { 'a.ckpt': weights('a') });
  sites.addVersion(12, { file: 'dreamy v1.safetensors', bytes: weights('civitai') });
  sites.addVersion(13, { file: 'kept.safetensors', bytes: weights('kept'), key: 'civitai_secret' });
  sites.addVersion(14, { file: 'old.ckpt', bytes: weights('old') });
  sites.addPlain('w.safetensors', weights('plain'));
});
afterAll(() => sites.close());
beforeEach(() => {
  keys = {};
  sites.seen.length = 0;
});

it.each<[string, ModelAddress]>([
  ['nota-ai/bk-sdm-tiny', { site: 'hub', repository: 'nota-ai/bk-sdm-tiny', revision: 'main' }],
  [' Lykon/dreamshaper-8@fp16 ', { site: 'hub', repository: 'Lykon/dreamshaper-8', revision: 'fp16' }],
  ['https://huggingface.co/a/b', { site: 'hub', repository: 'a/b', revision: 'main' }],
  ['huggingface.co/a/b/tree/v2/unet', { site: 'hub', repository: 'a/b', revision: 'v2', path: 'unet' }],
  [
    'https://huggingface.co/a/b/blob/main/sub/x%20y.safetensors',
    { site: 'hub', repository: 'a/b', revision: 'main', path: 'sub/x y.safetensors' },
  ],
  [
    'https://hf.co/a/b/resolve/main/x.safetensors?download=true',
    { site: 'hub', repository: 'a/b', revision: 'main', path: 'x.safetensors' },
  ],
  ['https://civitai.com/models/7/dreamy?modelVersionId=12', { site: 'civitai', model: 7, version: 12 }],
  ['civitai.com/models/7', { site: 'civitai', model: 7, version: undefined }],
  ['https://civitai.com/api/download/models/12?token=secret', { site: 'civitai', version: 12 }],
  [
    'https://files.example/x.safetensors?signature=1',
    { site: 'web', url: 'https://files.example/x.safetensors?signature=1' },
  ],
])('reads %s', (text, address) => {
  expect(readAddress(text)).toEqual(address);
});

it.each([
  ['', /not an address/],
  ['dreamshaper', /not an address/],
  ['http://files.example/x.safetensors', /https only/],
  ['javascript:alert(1)', /https only|not an address/],
  ['https://me:password@files.example/x.safetensors', /password/],
  ['https://huggingface.co/datasets/a/b', /not a model’s/],
  ['https://civitai.com/images/1', /not a model’s/],
  ['https://files.example/x.zip', /files\.example.*does not end in \.safetensors/],
])('says what can be typed instead of "%s"', (text, sentence) => {
  expect(() => readAddress(text)).toThrow(sentence);
  expect(() => readAddress(text)).toThrow(/Type owner\/name/);
});

it('takes from a diffusers folder what painting takes, each network once and small, pinned to a commit', async () => {
  const answer = await ask('some/folder');
  if (answer.kind !== 'request') throw new Error('It asks.');
  const { request } = answer;
  expect(request).toMatchObject({ name: 'folder', kind: 'model' });
  expect(request.origin).toMatchObject({
    licence: 'creativeml-openrail-m',
    page: 'https://huggingface.co/some/folder',
  });
  expect(request.origin.files.map(({ path }) => path)).toEqual([
    'model_index.json',
    'scheduler/scheduler_config.json',
    'tokenizer/vocab.json',
    'tokenizer/merges.txt',
    'unet/config.json',
    'unet/diffusion_pytorch_model.fp16.safetensors',
    'text_encoder/config.json',
    'text_encoder/model.safetensors',
    'vae/config.json',
    'vae/diffusion_pytorch_model.safetensors',
  ]);
  expect(request.origin.files[5]).toEqual({
    path: 'unet/diffusion_pytorch_model.fp16.safetensors',
    url: 'https://huggingface.co/some/folder/resolve/c0ffee0000000000000000000000000000000000/unet/diffusion_pytorch_model.fp16.safetensors',
    bytes: 3000,
    sha256: sha256(FOLDER['unet/diffusion_pytorch_model.fp16.safetensors']),
  });
  // Nothing asked first whether it may, for nothing but plain requests were made.
  expect(sites.seen.every(({ method }) => method === 'GET')).toBe(true);
});

it('takes a single file, asks which of several, and says where there is none', async () => {
  expect(await ask('https://huggingface.co/some/folder/blob/main/dreamy.safetensors')).toMatchObject({
    request: { name: 'dreamy', kind: 'file', origin: { files: [{ path: 'dreamy.safetensors' }] } },
  });
  const answer = await ask('some/loras');
  expect(answer).toMatchObject({ kind: 'choose', files: [{ path: 'a.safetensors' }, { path: 'sub/b.safetensors' }] });
  if (answer.kind === 'choose')
    expect(await askSource(answer.files[1].address, network())).toMatchObject({
      request: { name: 'b', origin: { files: [{ path: 'b.safetensors' }] } },
    });
  expect(await refusal(ask('some/pickles'))).toMatchObject({ trouble: 'wrong-content' });
  expect(await refusal(ask('some/folder@main/x'))).toBeDefined();
  expect((await refusal(ask('https://huggingface.co/some/folder/tree/main/nothing'))).message).toMatch(/no nothing/);
});

it('knows parts of a network, and refuses one that is there as a pickle only', () => {
  const file = (path: string) => ({ path, url: 'https://x.example' });
  const parts = ['1', '2'].map((n) => `unet/diffusion_pytorch_model-0000${n}-of-00002.safetensors`);
  const index = 'unet/diffusion_pytorch_model.safetensors.index.json';
  const sharded = ['unet/config.json', index, ...parts].map(file);
  expect(diffusersFiles(sharded).map(({ path }) => path)).toEqual(['unet/config.json', index, ...parts]);
  expect(() => diffusersFiles(['unet/config.json', 'unet/diffusion_pytorch_model.bin'].map(file))).toThrow(
    /unet only as a pickle/,
  );
});

it('asks Civitai for a version or the newest, with its hash', async () => {
  const file = {
    path: 'dreamy v1.safetensors',
    url: 'https://civitai.com/api/download/models/12',
    sha256: sha256(weights('civitai')),
    bytes: undefined as number | undefined,
  };
  expect(await ask('https://civitai.com/models/7/dreamy?modelVersionId=12')).toEqual({
    kind: 'request',
    request: {
      id: 'model:civitai/12',
      name: 'dreamy v1',
      kind: 'model',
      origin: { page: 'https://civitai.com/models/7', files: [{ ...file, bytes: 3000 }] },
    },
  });
  expect(await ask('civitai.com/models/7')).toMatchObject({ request: { id: 'model:civitai/12' } });
  expect((await refusal(ask('civitai.com/api/download/models/14'))).message).toMatch(/pickle/);
  expect((await refusal(ask('civitai.com/models/7?modelVersionId=99'))).message).toMatch(
    /civitai\.com has no version 99/,
  );
});

/** Downloads what an address stands for, and gives what came of it. */
async function fetchAll(text: string) {
  const directory = new MemoryDirectory();
  const store = storeOver(directory);
  const downloads = new Downloads({ store, network: network(), channel: new MemoryChannel(), limits: NEVER_SILENT });
  const answer = await ask(text);
  if (answer.kind !== 'request') throw new Error('It asks.');
  await downloads.add(answer.request);
  const closing = new AbortController();
  const running = downloads.run(closing.signal);
  for (;;) {
    const [left] = await downloads.list();
    if (!left || left.state === 'failed') break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  closing.abort();
  await running;
  const files = await Promise.all(
    (await directory.list()).map(async ({ name }) => (await directory.blob(name))?.text()),
  );
  return { problem: (await downloads.list())[0]?.problem, models: await store.list(), stored: files.join('\n') };
}

it('opens gated repositories and Civitai’s with the person’s key, which stays with its host and is written nowhere', async () => {
  for (const [text, host, key] of [
    ['some/gated', 'huggingface.co', 'hf_secret'],
    ['https://civitai.com/models/7?modelVersionId=13', 'civitai.com', 'civitai_secret'],
  ] as const) {
    keys = {};
    const { problem, models } = await fetchAll(text);
    expect(models).toEqual([]);
    expect(problem?.trouble).toBe('token-needed');
    expect(problem?.message).toMatch(new RegExp(`add your access token for ${host}`));
    keys = { [host]: `wrong ${key}` };
    const wrong = await fetchAll(text);
    expect(wrong.problem?.trouble).toBe('token-needed');
    expect(JSON.stringify(wrong)).not.toContain(key);
    keys = { 'huggingface.co': 'hf_secret', 'civitai.com': 'civitai_secret' };
    sites.seen.length = 0;
    const right = await fetchAll(text);
    expect(right.models).toHaveLength(1);
    expect(right.stored).not.toContain('secret');
    for (const { host: asked, address, headers } of sites.seen) {
      const told = `${address} ${headers.authorization ?? ''}`.includes('secret');
      expect(told && asked !== host).toBe(false);
      expect(headers.cookie ?? headers.referer).toBeUndefined();
    }
  }
});

it('downloads a plain file, and says where a site lets no page do so', async () => {
  expect((await fetchAll('https://files.example/w.safetensors')).models).toMatchObject([
    { id: 'file:files.example/w.safetensors', name: 'w', bytes: 3000 },
  ]);
  const closed = await fetchAll('https://closed.example/w.safetensors');
  expect(closed.problem).toMatchObject({ trouble: 'unreachable-or-closed-to-pages' });
  expect(closed.problem?.message).toMatch(/closed\.example.*in a tab of its own.*drop it here/);
});

it('says what is wrong with an answer that is not the API’s', async () => {
  const { trouble, message } = await refusal(ask('some/nothing'));
  expect(trouble).toBe('token-needed'); // the Hub does not tell a private one from none
  expect(message).toMatch(/or it is not there under this name/);
});

it('says of a device without a network that it is offline, not that the site is at fault', async () => {
  const gone = { ...network(), fetch: () => Promise.reject(new TypeError('Failed to fetch')) };
  const askOffline = (online: boolean) =>
    refusal(askSource(readAddress('some/model'), { ...gone, online: () => online }));
  expect(await askOffline(false)).toMatchObject({
    code: 'offline',
    message: expect.stringMatching(/^This device is offline/),
  });
  expect((await askOffline(true)).message).toMatch(/^huggingface\.co cannot be reached/);
});

it('sends a key to no other host, wherever a site’s answer leads', async () => {
  keys = { 'huggingface.co': 'hf_secret', 'civitai.com': 'civitai_secret' };
  const asked: string[] = [];
  const elsewhere = network();
  elsewhere.fetch = async (input, init) => {
    asked.push(`${input} ${new Headers(init?.headers).get('Authorization') ?? ''}`);
    const link = { Link: '<https://huggingface.co.example/list?page=2>; rel="next"' };
    if (/revision/.test(String(input))) return Response.json({ sha: 'c0ffee' });
    // Nobody is answered without a key.
    if (!/secret/.test(asked.at(-1) ?? '')) return new Response('', { status: 401 });
    return Response.json([{ type: 'file', path: 'a.safetensors', size: 1 }], { headers: link });
  };
  const thrown = await refusal(askSource(readAddress('some/gated'), elsewhere));
  expect(`${thrown.message} ${thrown.cause ?? ''} ${thrown.stack}`).not.toContain('secret');
  const told = asked.filter((line) => line.includes('secret'));
  expect(told.map((line) => new URL(line.split(' ')[0]).host)).toEqual(['huggingface.co']);
  expect(asked.at(-1)).toContain('huggingface.co.example'); // it was asked, without
  const authorize = withKeys((host) => keys[host]);
  for (const url of [
    'http://huggingface.co/x',
    'https://huggingface.co.example/',
    'https://x.civitai.com/',
    'https://huggingface.co:444/',
  ])
    expect(authorize(url)).toBeUndefined();
});
