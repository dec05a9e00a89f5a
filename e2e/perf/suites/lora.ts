import { parseRequest } from '../../../src/core/request/request';
import { createEngineClient } from '../../../src/engine/client';
import { median, prepared, type Suite, spawnEngine } from '../page';

/**
 * From asking for a picture to its first step, with a LoRA of rank 32 for every linear layer of a checkpoint of Stable
 * Diffusion 1.5's shape: with nothing changed, where the LoRA comes on (what it changes is read from the file, as every
 * change of its weight was before), and where its weight changes (what it changes has been kept).
 */
export const lora: Suite = async ({ device, kernels, tiny, files: [file] }) => {
  const client = createEngineClient(spawnEngine, document.baseURI);
  const side = tiny ? 64 : 512;
  const firstStepMs = async (weight: number | undefined): Promise<number> => {
    const prompt = weight === undefined ? 'a fox' : `a fox <lora:style:${weight}>`;
    const from = performance.now();
    let first: number | undefined;
    await client.generate(
      parseRequest({ prompt, steps: 1, width: side, height: side, seed: 7 }),
      undefined,
      (event) => {
        if (event.type === 'step') first ??= performance.now() - from;
      },
    );
    return first ?? Number.NaN;
  };
  try {
    const source = { kind: 'folder', name: file.name, files: [{ path: file.name, file }] } as const;
    const { device: report } = await client.load({ source, device, kernels, vocabulary: '/models/clip/' });
    const blob = await (await prepared('lora.safetensors')).blob();
    const attached = await client.attach('adapter', [{ name: 'style.safetensors', file: blob }]);
    await firstStepMs(undefined); // compiles
    const without = [await firstStepMs(undefined), await firstStepMs(undefined), await firstStepMs(undefined)];
    const comesOn = await firstStepMs(0.8);
    const same = [await firstStepMs(0.8), await firstStepMs(0.8), await firstStepMs(0.8)];
    const changed: number[] = [];
    for (const weight of [0.7, 0.6, 0.5]) changed.push(await firstStepMs(weight));
    const goesOff = await firstStepMs(undefined);
    const figures = { without: median(without), comesOn, same: median(same), changed: median(changed), goesOff };
    return { device: report, attached, firstStepMs: figures };
  } finally {
    client.dispose();
  }
};
