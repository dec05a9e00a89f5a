import { GraphBuilder } from '../../graph/builder';
import { conv, groupNorm, linear, toFloat32, toPrecision, toTokens } from '../../graph/layers';
import type { WeightSlot } from '../../graph/types';
import type { KernelChoice, KernelReport, Precision } from '../../types';
import type { ChosenDevice } from '../device';
import { createSession } from '../session';
import { installKernels, type KernelUse } from './own-kernels';
import { ENOUGH_TILES, enoughTilesOf } from './tuning';

/** What a device was found to do with our kernels. */
interface Probed {
  enoughTiles: number;
  report: KernelReport;
}

/** One adapter and one precision make one finding, however many models are opened. */
const probed = new Map<Precision, Promise<Probed>>();

/**
 * The device with our kernels in onnxruntime's place (`installKernels`), once a small network has run on it with them: only so is it
 * known, before a model's graph is built, whether this onnxruntime's shaders are those we know and whether this driver computes
 * ours right. How large tiles should be is measured at the same time.
 *
 * `auto` leaves software adapters alone, on which our kernels gain nothing and take minutes to compile.
 */
export async function withOwnKernels(device: ChosenDevice, choice: KernelChoice = 'auto'): Promise<ChosenDevice> {
  const { openGpu, report } = device;
  if (!openGpu) return device;
  if (choice === 'onnxruntime' || (choice === 'auto' && device.software)) return device;
  const { precision } = report;
  let finding = probed.get(precision);
  if (!finding) {
    finding = probe(device, openGpu, precision);
    probed.set(precision, finding);
  }
  const { enoughTiles, report: kernels } = await finding;
  if (kernels.own.length === 0) return { ...device, report: { ...report, kernels } };
  return { ...device, report: { ...report, kernels }, openGpu: () => opened(openGpu, enoughTiles) };
}

async function opened(openGpu: () => Promise<GPUDevice>, enoughTiles: number): Promise<GPUDevice> {
  const gpu = await openGpu();
  installKernels(gpu, enoughTiles);
  return gpu;
}

async function probe(device: ChosenDevice, openGpu: () => Promise<GPUDevice>, precision: Precision): Promise<Probed> {
  try {
    let use: KernelUse | undefined;
    let enoughTiles = ENOUGH_TILES;
    const openProbed = async () => {
      const gpu = await openGpu();
      if (!device.software) enoughTiles = await enoughTilesOf(gpu, precision === 'float16');
      use = installKernels(gpu, enoughTiles);
      return gpu;
    };
    await runSmallNetwork({ ...device, openGpu: openProbed }, precision);
    return { enoughTiles, report: { own: Object.keys(use?.replaced ?? {}), notes: use?.notes ?? [], enoughTiles } };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return { enoughTiles: ENOUGH_TILES, report: { own: [], notes: [`Easel's own kernels are off: ${reason}`] } };
  }
}

/** A convolution, a normalisation and a matrix product; its weights are zeros, since kernels are tested on numbers of their own. */
async function runSmallNetwork(device: ChosenDevice, precision: Precision): Promise<void> {
  const g = GraphBuilder.create('probe', { operators: 'webgpu', precision });
  const dims = [2, 32, 8, 8];
  const map = conv(g.scope('conv'), toPrecision(g, g.input('x', 'float32', dims)), 32, 64, 3);
  const normal = groupNorm(g.scope('norm'), map, 8, 64, 1e-5, 'none');
  const product = linear(g.scope('linear'), toTokens(g, normal, 64), 64, 96);
  g.output('out', toFloat32(g, product), [2, 64, 96]);
  const read = async ({ byteLength }: WeightSlot) => new Uint8Array(byteLength);
  const session = await createSession(g.finish(), { read }, device);
  try {
    await session.run({ x: { data: new Float32Array(2 * 32 * 8 * 8), dims } });
  } finally {
    await session.release();
  }
}
