import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRequest } from '../core/request/request';
import { failure } from '../model/fixtures/failure';
import { createEngine } from './engine';
import { tinyFolder } from './fixtures/tiny-folder';
import type { ModelSource, PaintedPicture } from './protocol';

const FAST = { sampler: 'lcm', steps: 2, cfgScale: 1 };
const LORA = 'lora/fast.safetensors';

const manifest = (fast: object) => JSON.stringify({ v: 1, name: 'Tiny', files: [], fast: { lora: LORA, ...fast } });
const lora = readFileSync(join(import.meta.dirname, '../model/fixtures/sd15/lora_peft.safetensors'));

async function open(source: ModelSource) {
  const engine = createEngine();
  const { info } = await engine.load([{ source, device: 'wasm', vocabulary: '/' }], () => undefined);
  const paint = async (fields: object): Promise<PaintedPicture> => {
    const request = parseRequest({ prompt: 'a fox', seed: 5, width: 64, height: 64, ...FAST, ...fields });
    let painted: PaintedPicture | undefined;
    await engine.generate([request, undefined], (event) => {
      if (event.type === 'picture') painted = event.picture;
    });
    return painted as PaintedPicture;
  };
  return { info, paint };
}

const pixels = async ({ png }: PaintedPicture) => {
  const bytes = new Uint8Array(await png.arrayBuffer());
  return Buffer.from(bytes.subarray(bytes.length / 2)).toString('base64'); // past the text
};

describe('a LoRA for few steps in a model’s folder', () => {
  it('is merged where it is asked for, and its settings are the model’s', async () => {
    const { info, paint } = await open(tinyFolder({ 'manifest.json': manifest(FAST), [LORA]: lora }));
    expect(info.fast).toEqual(FAST);
    const [plain, fast] = [await paint({}), await paint({ fast: true })];
    expect(fast.parameters).toContain('Fast: True');
    expect(await pixels(fast)).not.toBe(await pixels(plain));
  });

  it('is refused where the model has none, or names one that is not there or settings that cannot be', async () => {
    const { info, paint } = await open(tinyFolder({}));
    expect(info.fast).toBeUndefined();
    expect(await failure(paint({ fast: true }))).toMatchObject({
      code: 'bad-request',
      message: 'tiny brings no LoRA for few steps. Turn Fast off.',
    });
    expect(await failure(open(tinyFolder({ 'manifest.json': manifest(FAST) })))).toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining(LORA),
    });
    const odd = tinyFolder({ 'manifest.json': manifest({ steps: 0 }), [LORA]: lora });
    expect(await failure(open(odd))).toMatchObject({ message: expect.stringContaining('Steps') });
  });
});
