import type { KernelChoice } from '../../../src/model/runtime/kernels/probe';
import { paint } from '../../../src/pipeline/generate';
import { openStarter, pictureDifference, prepared, requestOf, type Suite } from '../page';

/** A picture that diffusers painted in float32: what was asked, and where its bytes are. */
interface Reference {
  prompt: string;
  seed: number;
  steps: number;
  cfgScale: number;
  width: number;
  height: number;
  file: string;
}

/**
 * The starter in the device's precision against float32 on wasm and against diffusers' pipeline: the same weights and
 * noise.
 */
export const starter: Suite = async ({ device }) => {
  const references: Reference[] = await (await prepared('starter.json')).json();
  const painted = async (on: typeof device, kernels?: KernelChoice) => {
    const model = await openStarter(on, kernels);
    const pictures = [];
    for (const { file: _, ...wanted } of references)
      pictures.push(await paint(model, requestOf(model, false, { ...wanted, sampler: 'ddim', schedule: 'automatic' })));
    // Once more, now that everything is compiled.
    const { timings } = await paint(model, requestOf(model, false, { ...references[0], sampler: 'ddim' }));
    await model.dispose();
    return { device: model.device, pictures, timings };
  };
  const [here, byOnnxruntime, exact] = [
    await painted(device),
    await painted(device, 'onnxruntime'),
    await painted('wasm'),
  ];
  const pictures = [];
  for (const [i, { file, ...wanted }] of references.entries()) {
    const theirs = new Uint8Array(await (await prepared(file)).arrayBuffer());
    const [ours, wasm] = [here.pictures[i].rgb, exact.pictures[i].rgb];
    pictures.push({
      ...wanted,
      againstWasm: pictureDifference(ours, wasm),
      againstDiffusers: pictureDifference(ours, theirs),
      wasmAgainstDiffusers: pictureDifference(wasm, theirs),
    });
  }
  return {
    device: here.device,
    timings: here.timings,
    onnxruntimeTimings: byOnnxruntime.timings,
    wasmTimings: exact.timings,
    pictures,
  };
};
