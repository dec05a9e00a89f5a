import { buildClipText } from '../../../src/model/graph/clip-text';
import { openTextTower } from '../../../src/model/layouts/diffusers-folder';
import { chooseDevice } from '../../../src/model/runtime/device';
import { withOwnKernels } from '../../../src/model/runtime/kernels/probe';
import { loadOrt } from '../../../src/model/runtime/ort';
import { encodeTextWith } from '../../../src/model/runtime/text-encoder';
import { bindWeights } from '../../../src/model/weights/bind';
import { prepared, preparedFloats, type Suite } from '../page';
import {
  type Case,
  convolutionsOf,
  filesOf,
  operatorsOf,
  preparedFiles,
  timeOurs,
  unetCase,
} from './prepared-networks';

/** What prepare.py says: the cases, and PyTorch's own error in float16 against its float32, and its times. */
interface Prepared {
  unet: Case;
  text: { ids: readonly number[]; output: string };
  torch: Readonly<Record<string, number>>;
}

/**
 * Stable Diffusion 2.x's networks with random weights, in the device's precision: the UNet of 768 x 768 (linear
 * projections, heads of 64, attention in float32 as its configuration says) and OpenCLIP's text tower of 23 layers.
 */
export const sd21: Suite = async ({ device, kernels, tiny }) => {
  const { unet, text, torch }: Prepared = await (await prepared('sd21.json')).json();
  const on = await withOwnKernels(await chooseDevice(device, (await loadOrt()).threads), kernels);
  const [network, tower] = ['sd21/unet', 'sd21/text_encoder'];
  const files = await preparedFiles(...filesOf(network), `${tower}/config.json`, `${tower}/model.safetensors`);
  const runs = tiny ? 2 : 12;
  const timeUnet = await unetCase(files, network, unet, runs);

  const { config, weights } = await openTextTower(files, tower);
  const graph = buildClipText(config, { operators: operatorsOf(on), precision: on.report.precision });
  const want = await preparedFloats(text.output);
  const ids = Int32Array.from(text.ids);
  return {
    device: on.report,
    torch,
    unet: await timeUnet(on, convolutionsOf(on)),
    text: await timeOurs(
      graph,
      bindWeights([graph], weights, tower),
      on,
      (session) => async () => (await encodeTextWith(session, config)(ids, 1)).hidden,
      runs,
      want,
    ),
  };
};
