import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRequest } from '../core/request';
import { failure } from '../model/fixtures/failure';
import { createEngine } from './engine';
import type { ModelSource, PaintedPicture } from './protocol';

const FIXTURES = join(import.meta.dirname, '../model/fixtures/sd15');
const FAST = { sampler: 'lcm', steps: 2, cfgScale: 1 };
const LORA = 'lora/fast.safetensors';

/** The smallest model's folder with files added to it. */
function folder(added: Readonly<Record<string, Uint8Array | string>>): ModelSource {
  const at = join(FIXTURES, 'model');
  const own = readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(at.length + 1))
    .map((path) => ({ path, file: new File([readFileSync(join(at, path)) as Uint8Array<ArrayBuffer>], path) }));
  const more = Object.entries(added).map(([path, data]) => ({ path, file: new File([data as BlobPart], path) }));
  return { kind: 'folder', name: 'tiny', files: [...own, ...more] };
}

const manifest = (fast: object) => JSON.stringify({ v: 1, name: 'Tiny', files: [], fast: { lora: LORA, ...fast } });
const lora = readFileSync(join(FIXTURES, 'lora_peft.safetensors'));

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
    const { info, paint } = await open(folder({ 'manifest.json': manifest(FAST), [LORA]: lora }));
    expect(info.fast).toEqual(FAST);
    const [plain, fast] = [await paint({}), await paint({ fast: true })];
    expect(fast.parameters).toContain('Fast: True');
    expect(await pixels(fast)).not.toBe(await pixels(plain));
  }, 180_000);

  it('is refused where the model has none, or names one that is not there or settings that cannot be', async () => {
    const { info, paint } = await open(folder({}));
    expect(info.fast).toBeUndefined();
    expect(await failure(paint({ fast: true }))).toMatchObject({
      code: 'bad-request',
      message: 'tiny brings no LoRA for few steps. Turn Fast off.',
    });
    expect(await failure(open(folder({ 'manifest.json': manifest(FAST) })))).toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining(LORA),
    });
    const odd = folder({ 'manifest.json': manifest({ steps: 0 }), [LORA]: lora });
    expect(await failure(open(odd))).toMatchObject({ message: expect.stringContaining('Steps') });
  });
});
