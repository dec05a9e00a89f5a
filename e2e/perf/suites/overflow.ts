import { spoken } from '../../../src/core/errors';
import { openSource } from '../../../src/engine/model-source';
import { loadModel } from '../../../src/model/running/load';
import { chooseDevice, type DevicePreference } from '../../../src/model/runtime/device';
import { withOwnKernels } from '../../../src/model/runtime/kernels/probe';
import { loadOrt } from '../../../src/model/runtime/ort';
import { fromHalf, toHalf } from '../../../src/model/weights/dtypes';
import type { ModelFiles } from '../../../src/model/weights/model-files';
import { readHeader } from '../../../src/model/weights/safetensors';
import { paint } from '../../../src/pipeline/generate';
import { pictureDifference, requestOf, type Suite } from '../page';

const VAE = 'vae/diffusion_pytorch_model.safetensors';
/** The decoder's first convolution: a residual network carries what it gives to the last normalisation. */
const FIRST = 'decoder.conv_in.weight';
/** Near the end of float16's numbers: the weights fit, and what they give does not. */
const LARGEST_WEIGHT = 3e4;

/**
 * A VAE that overflows in float16, as SDXL's first one does: the starter's with a first convolution so large that its
 * maps do not fit. The device's pictures against float32's on wasm; the notes must tell of it once.
 */
export const overflow: Suite = async ({ device, tiny }) => {
  const painted = async (on: DevicePreference) => {
    const { threads } = await loadOrt();
    const files = await withLargeWeights(await openSource({ kind: 'url', base: '/models/starter/' }, () => undefined));
    const model = await loadModel(files, await withOwnKernels(await chooseDevice(on, threads)));
    const request = requestOf(model, tiny, { prompt: 'a red apple', sampler: 'ddim' });
    const first = await paint(model, request);
    const notes = model.takeNotes();
    const second = await paint(model, request);
    const notesAgain = model.takeNotes();
    await model.dispose();
    return { report: model.device, first, notes, second, notesAgain };
  };
  const [here, exact] = [await painted(device), await painted('wasm')];
  return {
    device: here.report,
    notes: here.notes.map((note) => spoken(note)),
    notesAgain: here.notesAgain.map((note) => spoken(note)),
    decodingMs: [here.first.timings, here.second.timings],
    againstWasm: pictureDifference(here.first.rgb, exact.first.rgb),
    againAgainstWasm: pictureDifference(here.second.rgb, exact.first.rgb),
  };
};

/** The same files but for that convolution. */
async function withLargeWeights(files: ModelFiles): Promise<ModelFiles> {
  const { tensors } = await readHeader(files, VAE);
  const entry = tensors.get(FIRST);
  if (entry?.dtype !== 'F16') throw new Error(`${VAE} has no ${FIRST} in float16.`);
  const bytes = (await files.read(VAE)).slice();
  const weights = new Uint16Array(bytes.slice(entry.start, entry.end).buffer);
  const values = fromHalf(weights);
  const scale = LARGEST_WEIGHT / values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scaled = toHalf(values.map((value) => value * scale));
  bytes.set(new Uint8Array(scaled.buffer, scaled.byteOffset, scaled.byteLength), entry.start);
  return {
    ...files,
    read: async (path, start, end) => (path === VAE ? bytes.slice(start, end) : files.read(path, start, end)),
  };
}
