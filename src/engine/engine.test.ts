import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { said, spoken } from '../core/errors';
import { readParameters } from '../core/request/parameters';
import { DEFAULT_REQUEST, type GenerationRequest } from '../core/request/request';
import type { Walk } from '../core/request/walk';
import { failure } from '../model/fixtures/failure';
import { type RawTensor, randomTensor, safetensorsFile } from '../model/fixtures/random-model';
import { createEngineClient, type EngineClient, type WorkerLike } from './client';
import { createEngine } from './engine';
import { fixtureFile, tinyFolder } from './fixtures/tiny-folder';
import type { Attachment, EngineApi, EngineEvent, InputImage, PaintedPicture } from './protocol';
import { type Port, serve } from './serve';

/** What became of a file, as a person reads it. */
const asRead = (attachment: Attachment) =>
  'said' in attachment ? { ...attachment, said: spoken(attachment.said) } : attachment;

/** A worker that is none: the engine served over a MessageChannel in this thread. */
function spawn(): WorkerLike {
  const { port1, port2 } = new MessageChannel();
  serve(port2 as unknown as Port, createEngine());
  const worker: WorkerLike = {
    postMessage: (message) => port1.postMessage(message),
    terminate: () => {
      port1.close();
      port2.close();
    },
    onmessage: null,
    onerror: null,
  };
  port1.onmessage = (event) => worker.onmessage?.(event as MessageEvent);
  return worker;
}

type Statistics = Awaited<ReturnType<EngineApi['statistics']>>;

const tiny: GenerationRequest = {
  ...DEFAULT_REQUEST,
  prompt: 'a fox',
  sampler: 'ddim',
  steps: 4,
  width: 64,
  height: 64,
  seed: 5,
};

/** One model for all tests, which leave nothing behind in it: opening it takes far longer than they do. */
let engine: EngineClient;
beforeAll(async () => {
  engine = createEngineClient(spawn, 'http://localhost/');
  await engine.load({ source: tinyFolder(), device: 'wasm', vocabulary: 'models/clip/' });
});
afterAll(() => engine.dispose());

/** What the model ran since it was opened, but for `before`. */
async function runsSince(before: Statistics): Promise<Partial<Statistics>> {
  const { unetRuns, textEncoderRuns, vaeDecoderRuns } = await engine.statistics();
  return {
    unetRuns: unetRuns - before.unetRuns,
    textEncoderRuns: textEncoderRuns - before.textEncoderRuns,
    vaeDecoderRuns: vaeDecoderRuns - before.vaeDecoderRuns,
  };
}

describe('the engine over its protocol, with a tiny real model', () => {
  it('paints: stages, a step and a preview for each step, then the picture with its settings', async () => {
    const before = await engine.statistics();
    const events: EngineEvent[] = [];
    const result = await engine.generate({ ...tiny, batchCount: 2 }, undefined, (event) => events.push(event));
    expect(result.pictures).toBe(2);
    expect(events.filter(({ type }) => type === 'step')).toHaveLength(8);
    expect(events.filter(({ type }) => type === 'preview')).toHaveLength(8);
    const pictures = events.filter((event) => event.type === 'picture');
    expect(pictures.map(({ picture }) => picture.request.seed)).toEqual([5, 6]);
    const [{ picture }] = pictures;
    expect(picture.parameters).toMatch(
      /^a fox\nSteps: 4, Sampler: DDIM, Schedule type: Leading, CFG scale: 7, Seed: 5, Size: 64x64/,
    );
    expect(new Uint8Array(await picture.png.arrayBuffer()).slice(1, 4)).toEqual(new TextEncoder().encode('PNG'));
    // The prompt and its negative are the same for both.
    expect(await runsSince(before)).toEqual({ unetRuns: 8, textEncoderRuns: 2, vaeDecoderRuns: 2 });
  });

  it('cancels within a step, keeps its sessions, and paints again', async () => {
    const before = await engine.statistics();
    let cancelledAt = -1;
    const stop = new AbortController();
    const onEvent = (event: EngineEvent) => {
      if (event.type !== 'step' || event.step !== 3) return;
      cancelledAt = event.step;
      stop.abort();
    };
    const run = engine.generate({ ...tiny, steps: 30 }, undefined, onEvent, stop.signal);
    expect((await failure(run)).code).toBe('aborted');
    expect((await runsSince(before)).unetRuns).toBeLessThanOrEqual(cancelledAt + 1);
    await engine.generate(tiny, undefined);
    expect((await engine.statistics()).sessionsCreated).toBe(before.sessionsCreated);
  });

  it('cancels a run that waits for its turn at once, and none that is asked for before or later', async () => {
    const before = await engine.statistics();
    const order: string[] = [];
    const stop = new AbortController();
    const first = engine.generate(tiny, undefined).then(() => order.push('first'));
    const waiting = engine.generate(tiny, undefined, undefined, stop.signal);
    const last = engine.generate(tiny, undefined).then(() => order.push('last'));
    stop.abort();
    expect((await failure(waiting)).code).toBe('aborted');
    expect(order).toEqual([]);
    await Promise.all([first, last]);
    expect((await runsSince(before)).unetRuns).toBe(8);
  });

  it('shows what the model was given beside what it made of it', async () => {
    const events: EngineEvent[] = [];
    await engine.generate(tiny, undefined, (event) => events.push(event));
    const previews = events.filter((event) => event.type === 'preview');
    for (const { image, noisy } of previews) {
      expect([noisy.width, noisy.height, noisy.rgba.length]).toEqual([8, 8, 256]);
      expect(noisy.rgba).not.toEqual(image.rgba);
    }
    const sigmas = previews.map(({ sigma }) => sigma);
    expect(sigmas).toEqual([...sigmas].sort((a, b) => b - a));
    expect(new Set(sigmas).size).toBe(4);
  });

  it('walks from one seed and prompt to another; both ends are those seeds’ and prompts’ own pictures', async () => {
    const painted = async (run: (onEvent: (event: EngineEvent) => void) => Promise<unknown>) => {
      const pictures: PaintedPicture[] = [];
      await run((event) => {
        if (event.type === 'picture') pictures.push(event.picture);
      });
      return pictures;
    };
    const pixels = async ({ png }: PaintedPicture) => decode(new Uint8Array(await png.arrayBuffer())).data;
    // Fresh noise in every step: the walk leads through that too. The second prompt is longer by a window.
    const from: GenerationRequest = { ...tiny, sampler: 'euler_a' };
    const to = { seed: 9, prompt: 'a red apple, '.repeat(30) };
    const walk: PaintedPicture[] = [];
    for (const share of [0, 0.5, 1])
      walk.push(...(await painted((onEvent) => engine.walk(from, { ...to, share }, undefined, onEvent))));
    const [start] = await painted((onEvent) => engine.generate(from, undefined, onEvent));
    const [end] = await painted((onEvent) => engine.generate({ ...from, ...to }, undefined, onEvent));
    expect(await pixels(walk[0])).toEqual(await pixels(start));
    expect(await pixels(walk[2])).toEqual(await pixels(end));
    expect(await pixels(walk[1])).not.toEqual(await pixels(start));
    expect(await pixels(walk[1])).not.toEqual(await pixels(end));
    expect(walk[0].parameters).toBe(start.parameters);
    expect(walk[1].parameters).toContain('Walk seed: 9, Walk prompt: "a red apple');
    expect(walk[1].parameters).toContain('Walk share: 0.5');
    expect(readParameters(walk[1].parameters).request.seed).toBe(5);
  });

  it('enlarges between two passes by the network of a given file, and refuses what is none by its name', async () => {
    const request = { ...tiny, steps: 1, hires: true, hiresUpscaler: 'file:compact_x2', hiresStrength: 0.5 } as const;
    const upscaler = fixtureFile('compact_x2.pth', 'upscalers/compact_x2.pth');
    const heard: EngineEvent[] = [];
    await engine.generate(request, { upscaler }, (event) => heard.push(event));
    const stages = heard.flatMap((event) => (event.type === 'stage' ? [event.stage] : []));
    expect(stages.slice(2)).toEqual(['denoise', 'decode', 'upscale', 'encode-picture', 'denoise', 'decode']);
    const pictures = heard.flatMap((event) => (event.type === 'picture' ? [event.picture] : []));
    expect(pictures[0]).toMatchObject({
      width: 128,
      parameters: expect.stringContaining('Hires upscaler: compact_x2,'),
    });
    const other = fixtureFile('x.safetensors', 'sd15/lora_peft.safetensors');
    expect((await failure(engine.generate(request, { upscaler: other }))).message).toMatch(/LoRA, not an upscaler/);
    expect((await failure(engine.generate(request))).message).toMatch('The upscaler compact_x2 was not given.');
  });

  it('refuses walks that lead nowhere', async () => {
    const reason = async (mix: object, from = tiny) =>
      (await failure(engine.walk(from, { share: 0.5, ...mix } as Walk))).message;
    expect(await reason({})).toMatch('another seed or another prompt');
    expect(await reason({ seed: -1 })).toMatch('0 to 4294967295');
    expect(await reason({ prompt: 7 })).toMatch('must be text');
    for (const share of [-0.1, 1.1, Number.NaN, '0']) expect(await reason({ seed: 1, share })).toMatch('0 to 1');
    expect(await reason({ seed: 1 }, { ...tiny, seed: -1 })).toMatch('seed must be drawn');
  });

  it('changes size, guidance and prompt length without creating a session', async () => {
    const before = (await engine.statistics()).sessionsCreated;
    await engine.generate({ ...tiny, width: 104, height: 72, cfgScale: 1 }, undefined);
    await engine.generate({ ...tiny, prompt: 'a fox, '.repeat(40) }, undefined);
    expect((await engine.statistics()).sessionsCreated).toBe(before);
  });

  it('counts tokens without the marks of emphasis', async () => {
    expect(await engine.countTokens('a (red:1.3) fox')).toEqual({ tokens: 3, windows: 1 });
    // Of a prompt that changes, its longest text counts.
    expect(await engine.countTokens('a [red:green and blue:0.5] fox AND b')).toEqual({ tokens: 5, windows: 1 });
    expect((await engine.countTokens('fox '.repeat(80))).windows).toBe(2);
  });

  it.each([
    ['an unknown sampler', { ...tiny, sampler: 'magic' }, /Sampler must be one of .*, not "magic"/],
    ['no steps', { ...tiny, steps: 0 }, /Steps must be at least 1/],
    ['width 7', { ...tiny, width: 7 }, /Width must be at least 16/],
    ['CFG NaN', { ...tiny, cfgScale: Number.NaN }, /CFG scale must be a number/],
    ['a seed of 2^32', { ...tiny, seed: 2 ** 32 }, /Seed must be at most/],
    ['an unresolved seed', { ...tiny, seed: -1 }, /seed/],
    ['no request', null, /not an object/],
  ])('refuses %s as bad-request', async (_, request, message) => {
    const error = await failure(engine.generate(request as GenerationRequest, undefined));
    expect(error.code).toBe('bad-request');
    expect(error.message).toMatch(message);
  });

  it('paints from a picture: its size and place, settings and notes, the same picture for the whole batch', async () => {
    const pictures: PaintedPicture[] = [];
    const stages: string[] = [];
    const painted = (request: GenerationRequest, given: InputImage) =>
      engine.generate(request, given, (event) => {
        if (event.type === 'picture') pictures.push(event.picture);
        if (event.type === 'stage') stages.push(event.stage);
      });
    const picture = { width: 96, height: 80, data: new Uint8ClampedArray(4 * 96 * 80).fill(255) };
    await painted({ ...tiny, batchCount: 2, denoisingStrength: 0.5 }, { picture });
    expect(stages.slice(0, 4)).toEqual(['encode-prompt', 'encode-picture', 'denoise', 'decode']);
    expect(pictures.map(({ width, height, place }) => [width, height, place])).toEqual(
      Array(2).fill([64, 64, { x: 0, y: 0, width: 96, height: 80 }]),
    );
    expect(pictures[0].parameters).toContain('Denoising strength: 0.5');
    pictures.length = 0;
    const mask = { width: 96, height: 80, data: new Uint8Array(96 * 80) };
    await painted(tiny, { picture, mask });
    expect(pictures[0].notes).toEqual([said`The mask is empty: painted as img2img.`]);
    mask.data.fill(255, 30 * 96, 50 * 96);
    await painted({ ...tiny, maskBlur: 0 }, { picture, mask });
    expect([pictures[1].width, pictures[1].height, pictures[1].notes]).toEqual([96, 80, undefined]);
    const { data, channels } = decode(new Uint8Array(await pictures[1].png.arrayBuffer()));
    expect(channels).toBe(3);
    // White as it was but for rows 30 to 49.
    expect(data.subarray(0, 3 * 96 * 30).every((value) => value === 255)).toBe(true);
    expect(data.subarray(3 * 96 * 30, 3 * 96 * 50).some((value) => value < 255)).toBe(true);
    expect(data.subarray(3 * 96 * 50).every((value) => value === 255)).toBe(true);
    // The caller keeps its picture.
    expect(picture.data).toHaveLength(4 * 96 * 80);
  });

  const square = { width: 2, height: 2, data: new Uint8ClampedArray(16) };
  it.each([
    ['no picture', {}, /given picture needs a width/],
    ['null', null, /given picture needs a width/],
    ['bytes of another kind', { picture: { ...square, data: new Uint8Array(16) } }, /Uint8ClampedArray/],
    ['too few bytes', { picture: { ...square, height: 3 } }, /2 x 3 pixels needs 24 bytes and has 16/],
    ['no pixels', { picture: { width: 0, height: 0, data: new Uint8ClampedArray(0) } }, /width is 0 pixels/],
    ['30000 x 10', { picture: { ...square, width: 30000, height: 10 } }, /1 to 8192 pixels/],
    ['half a pixel', { picture: { ...square, width: 1.5 } }, /width is 1.5 pixels/],
    ['a mask of another size', { picture: square, mask: { width: 1, height: 4, data: new Uint8Array(4) } }, /as large/],
    ['a mask that is none', { picture: square, mask: [0] }, /given mask needs a width/],
  ])('refuses to paint from %s as bad-request', async (_, given, message) => {
    const error = await failure(engine.generate(tiny, given as InputImage));
    expect(error.code).toBe('bad-request');
    expect(error.message).toMatch(message);
  });

  it('answers malformed messages with bad-request', async () => {
    const { port1, port2 } = new MessageChannel();
    serve(port2 as unknown as Port, createEngine());
    const answer = (message: unknown) =>
      new Promise<{ id: number; error?: { code: string } }>((resolve) => {
        port1.onmessage = ({ data }) => resolve(data);
        port1.postMessage(message);
      });
    for (const message of [
      null,
      'hello',
      { id: 1 },
      { id: 2, method: 'toString', args: [] },
      { id: 3, method: 'load' },
    ]) {
      expect((await answer(message)).error?.code).toBe('bad-request');
    }
    expect(
      (await answer({ id: 4, method: 'load', args: [{ source: { kind: 'ftp' }, device: 'auto' }] })).error?.code,
    ).toBe('bad-request');
    expect((await answer({ id: 5, method: 'load', args: [] })).error?.code).toBe('bad-request');
    port1.close();
  });
});

describe('models that cannot be opened', () => {
  const config = (text: string) => new TextEncoder().encode(text);
  it.each([
    ['without a UNet', { 'unet/config.json': undefined }, 'corrupt', /unet\/config\.json/],
    [
      'with a truncated file',
      { 'vae/diffusion_pytorch_model.safetensors': new Uint8Array(100).fill(1) },
      'corrupt',
      /vae\/.*safetensors/,
    ],
    [
      'of another kind',
      { 'model_index.json': config('{"_class_name":"FluxPipeline"}') },
      'unsupported',
      /FluxPipeline/,
    ],
    [
      'with an unknown option',
      { 'vae/config.json': config('{"_class_name":"AutoencoderKL","act_fn":"mish"}') },
      'unsupported',
      /act_fn = "mish"/,
    ],
    ['with broken JSON', { 'scheduler/scheduler_config.json': config('{') }, 'corrupt', /scheduler_config\.json/],
  ])('%s', async (_, change, code, message) => {
    const error = await failure(
      engine.load({ source: tinyFolder(change), device: 'wasm', vocabulary: 'models/clip/' }),
    );
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    await engine.generate({ ...tiny, steps: 1 }, undefined); // the model before it still paints
  });
});

describe('LoRAs and embeddings', () => {
  const painted = async (prompt: string) => {
    const events: EngineEvent[] = [];
    await engine.generate({ ...tiny, prompt }, undefined, (event) => events.push(event));
    const picture = events.find((event) => event.type === 'picture');
    if (picture?.type !== 'picture') throw new Error('no picture');
    return Buffer.from(await picture.picture.png.arrayBuffer());
  };
  const pixels = async (prompt: string) => [...decode(await painted(prompt)).data];

  it('a LoRA acts as strongly as the prompt says, and leaves no trace', async () => {
    const plain = await pixels('a fox');
    expect(await pixels('a fox <lora:lora_peft:1>')).toEqual(plain); // not here yet
    await engine.attach('adapter', [fixtureFile('lora_peft.safetensors', 'sd15/lora_peft.safetensors')]);
    const full = await pixels('a fox <lora:lora_peft:1>');
    expect(full).not.toEqual(plain);
    expect(await pixels('a fox <lora:lora_peft:0.5>')).not.toEqual(full);
    expect(await pixels('a fox')).toEqual(plain);
    expect(await pixels('a fox <lora:lora_peft:0>')).toEqual(plain);
    await engine.attach('adapter', []);
  });

  const named = (name: string, tensors: Record<string, RawTensor>, metadata?: Readonly<Record<string, string>>) => ({
    name,
    file: new Blob([safetensorsFile(new Map(Object.entries(tensors)), metadata) as Uint8Array<ArrayBuffer>]),
  });
  const factors = (module: string, rows: number, columns: number) => ({
    [`${module}.lora_up.weight`]: randomTensor(1, [rows, 2]),
    [`${module}.lora_down.weight`]: randomTensor(2, [2, columns]),
  });
  const TO_Q = 'lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q';
  const notesOf = async (prompt: string) => {
    const notes: (string[] | undefined)[] = [];
    await engine.generate({ ...tiny, steps: 1, batchCount: 2, prompt }, undefined, (event) => {
      if (event.type === 'picture') notes.push(event.picture.notes?.map((note) => spoken(note)));
    });
    return notes;
  };

  it('a LoRA still acts after the model gave the device’s memory back', async () => {
    await engine.attach('adapter', [fixtureFile('lora_peft.safetensors', 'sd15/lora_peft.safetensors')]);
    const before = await pixels('a fox <lora:lora_peft:1>');
    await engine.rest();
    const { sessionsCreated, sessionsReleased } = await engine.statistics();
    expect(sessionsReleased).toBe(sessionsCreated);
    expect(await pixels('a fox <lora:lora_peft:1>')).toEqual(before);
    await engine.attach('adapter', []);
  });

  it('one damaged file does not keep the others out, and is named', async () => {
    const plain = await pixels('a fox');
    const good = fixtureFile('lora_peft.safetensors', 'sd15/lora_peft.safetensors');
    const damaged = { name: 'torn.safetensors', file: good.file.slice(0, 1000) };
    const control = named('lines.safetensors', { 'control_model.zero_convs.0.0.weight': randomTensor(1, [2]), a: randomTensor(1, [2]) }); // biome-ignore format: one thought
    const attached = await engine.attach('adapter', [damaged, good, control]);
    expect(attached.map(asRead)).toMatchObject([
      { name: 'torn.safetensors', outcome: 'refused', code: 'corrupt', said: expect.stringMatching(/^torn\.safetensors/) },
      { name: 'lora_peft', outcome: 'attached', report: { name: 'lora_peft', unmatched: [] } },
      { name: 'lines.safetensors', outcome: 'refused', code: 'unsupported', said: expect.stringMatching(/a ControlNet/) },
    ]); // biome-ignore format: a table
    expect(await pixels('a fox <lora:lora_peft:1>')).not.toEqual(plain);
  });

  it('what of a LoRA does nothing is told when it is attached, and with the first picture', async () => {
    const nowhere = 'lora_unet_other_1_to_q';
    const attached = await engine.attach('adapter', [
      named('part.safetensors', { ...factors(TO_Q, 64, 64), ...factors(nowhere, 64, 64) }),
      named('none.safetensors', factors(nowhere, 64, 64)),
      named('wide.safetensors', factors(TO_Q, 64, 320)),
    ]);
    const changesNothing = 'none changes nothing: this model has no place for other_1_to_q.';
    expect(attached.map(asRead)).toEqual([
      { name: 'part', outcome: 'attached', report: { name: 'part', used: 1, unmatched: ['other_1_to_q'] } },
      { name: 'none', outcome: 'misfit', said: changesNothing },
      { name: 'wide', outcome: 'misfit', said: expect.stringMatching(/another family/) },
    ]);
    const partly = 'part: 1 of its 2 parts is ignored: other_1_to_q.';
    const both = 'a fox <lora:part:1> <lora:none:1>';
    expect(await notesOf(both)).toEqual([[partly, changesNothing], undefined]);
    // A part is told once, a LoRA that does nothing at all each time.
    expect(await notesOf(both)).toEqual([[changesNothing], undefined]);
    expect(await notesOf('a fox')).toEqual([undefined, undefined]);
    expect((await failure(engine.generate({ ...tiny, prompt: '<lora:wide:1>' }))).message).toMatch(/another family/);
  });

  it('an embedding in a LoRA’s file acts with it; one for another family is named', async () => {
    const lora = { ...factors(TO_Q, 64, 64), 'bundle_emb.zyx.string_to_param.*': randomTensor(3, [2, 32]) };
    const wide = { ...factors(TO_Q, 64, 64), 'bundle_emb.zyx.clip_l': randomTensor(3, [2, 768]) };
    const files = [named('own.safetensors', lora), named('other.safetensors', wide)];
    await engine.attach('adapter', files);
    const [own, other] = [await pixels('zyx <lora:own:1>'), await pixels('zyx <lora:other:1>')];
    expect(own).not.toEqual(other);
    expect(await notesOf('zyx <lora:own:1>')).toEqual([undefined, undefined]);
    const [[note] = []] = await notesOf('zyx <lora:other:1>');
    expect(note).toMatch(/embedding "zyx" has vectors of width 768/);
  });

  it('a picture says the hashes of the files it used, by what its prompts call them, as soon as they are told', async () => {
    const lora = { ...factors(TO_Q, 64, 64) };
    await engine.attach('adapter', [
      named('ink.safetensors', lora, { ss_output_name: 'inky' }),
      named('oil.safetensors', lora),
      fixtureFile('ti_a1111.safetensors', 'sd15/ti_a1111.safetensors'),
    ]);
    const said = async (prompt: string, negativePrompt = '') => {
      let parameters = '';
      await engine.generate({ ...tiny, steps: 1, prompt, negativePrompt }, undefined, (event) => {
        if (event.type === 'picture') parameters = event.picture.parameters;
      });
      return /Model hash: \w+|Lora hashes: "[^"]*"|TI hashes: "[^"]*"/g[Symbol.match](parameters);
    };
    expect(await said('a fox <lora:Inky:1>')).toBeNull();
    const [model, ink, oil, word] = ['1', '2', '3', '4'].map((digit) => digit.repeat(64));
    await engine.tellHashes({ model, loras: [['ink', ink], ['oil', oil]], embeddings: [['ti_a1111', word]], vaes: [] }); // biome-ignore format: one thought
    expect(await said('a fox <lora:Inky:1>, xti_a1111')).toEqual(['Model hash: 1111111111', 'Lora hashes: "Inky: 222222222222"']); // biome-ignore format: one thought
    expect(await said('a fox', 'TI_A1111')).toEqual(['Model hash: 1111111111', 'TI hashes: "ti_a1111: 444444444444"']);
    await engine.tellHashes({ loras: [], embeddings: [], vaes: [] });
    await engine.attach('adapter', []);
  });

  it('an embedding’s word becomes its vectors', async () => {
    const plain = await pixels('a fox, ti_a1111');
    await engine.attach('adapter', [fixtureFile('ti_a1111.safetensors', 'sd15/ti_a1111.safetensors')]);
    expect(await pixels('a fox, ti_a1111')).not.toEqual(plain);
    await engine.attach('adapter', []);
    expect(await pixels('a fox, ti_a1111')).toEqual(plain);
  });
});
