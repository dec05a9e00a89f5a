import { buildAutoencoder } from '../../../src/model/graph/autoencoder';
import { openAutoencoder } from '../../../src/model/layouts/diffusers-folder';
import { type ChosenDevice, chooseDevice } from '../../../src/model/runtime/device';
import { withOwnKernels } from '../../../src/model/runtime/kernels/probe';
import { loadOrt } from '../../../src/model/runtime/ort';
import type { Session } from '../../../src/model/runtime/session';
import { bindWeights } from '../../../src/model/weights/bind';
import { type Precision, toHalf } from '../../../src/model/weights/dtypes';
import { prepared, preparedFloats, type Suite } from '../page';
import {
  type Case,
  convolutionsOf,
  feedsOf,
  filesOf,
  operatorsOf,
  preparedFiles,
  timed,
  timeOurs,
  unetCase,
} from './prepared-networks';

/**
 * Our UNet and decoder of Stable Diffusion 1.5's shape with random weights: how far they are from PyTorch's float32
 * (norm of the difference over norm of the reference), and their time beside the graph that torch.onnx.export makes of
 * the same model.
 */
export const networks: Suite = async ({ device, tiny }) => {
  const { threads } = await loadOrt();
  const chosen = await chooseDevice(device, threads);
  const own = await withOwnKernels(chosen, 'own');
  const cases: Record<'unet' | 'vae', Case> = await (await prepared('networks.json')).json();
  const files = await preparedFiles(...filesOf('unet'), ...filesOf('vae'));
  const runs = tiny ? 2 : 12;
  const measured: Record<string, unknown> = { device: own.report };

  const timeUnet = await unetCase(files, 'unet', cases.unet, runs);
  measured.unet = await timeUnet(own, convolutionsOf(own));
  measured.unetOwnFloat32Convolutions = await timeUnet(own, 'float32');
  measured.unetByOnnxruntime = await timeUnet(chosen, 'float32');
  if (cases.unet.exported) measured.exportedUnet = await timeExported(cases.unet, runs);

  const vae = await openAutoencoder(files, 'vae');
  const vaeFeeds = await feedsOf(cases.vae);
  const picture = await preparedFloats(cases.vae.output);
  const timeDecoder = (on: ChosenDevice, inPrecision: Precision) => {
    const { decoder, encoder } = buildAutoencoder(vae.config, { operators: operatorsOf(on), precision: inPrecision });
    const weights = bindWeights([decoder, encoder], vae.weights, 'vae');
    const decodeOf = (session: Session) => async () => Object.values(await session.run(vaeFeeds))[0];
    return timeOurs(decoder, weights, on, decodeOf, runs, picture);
  };
  measured.vae = await timeDecoder(own, 'float32');
  measured.vaeHalf = await timeDecoder(own, own.report.precision);
  measured.vaeByOnnxruntime = await timeDecoder(chosen, 'float32');
  if (cases.vae.exported) measured.exportedVae = await timeExported(cases.vae, runs);
  return measured;
};

/** A graph with its external data beside it, as any page that loads an ONNX pack runs it. */
async function timeExported(of: Case, runs: number) {
  const [name, feeds, want] = [of.exported, await feedsOf(of), await preparedFloats(of.output)];
  const { ort } = await loadOrt();
  const started = performance.now();
  const session = await ort.InferenceSession.create(`/prepared/${name}.onnx`, {
    executionProviders: ['webgpu'],
    externalData: [{ path: `${name}.data`, data: `/prepared/${name}.data` }],
    graphOptimizationLevel: 'all',
  });
  const loadMs = performance.now() - started;
  const tensors = Object.fromEntries(
    session.inputMetadata.map((input) => {
      const { data, dims } = feeds[input.name];
      const half = input.isTensor && input.type === 'float16';
      return [input.name, half ? new ort.Tensor('float16', toHalf(data), dims) : new ort.Tensor('float32', data, dims)];
    }),
  );
  const figures = await timed(
    async () => {
      const [tensor] = Object.values(await session.run(tensors));
      return Float32Array.from(tensor.data as Float32Array); // float16 comes as Float16Array, whose numbers these are
    },
    runs,
    want,
  );
  await session.release();
  return { loadMs, ...figures };
}
