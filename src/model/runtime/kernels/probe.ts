import * as v from 'valibot';
import { isSaid, type Said, said, toEaselError } from '../../../core/errors';
import { attention } from '../../graph/attention';
import { GraphBuilder } from '../../graph/builder';
import { conv, groupNorm, linear, toFloat32, toPrecision, toTokens } from '../../graph/layers';
import type { WeightSlot } from '../../graph/types';
import { type Precision, toHalf } from '../../weights/dtypes';
import type { ChosenDevice, KernelReport } from '../device';
import { loadOrt } from '../ort';
import { createSession } from '../session';
import type { Program } from './fingerprints';
import { keptFor } from './kept';
import { installKernels, type KernelUse } from './own-kernels';
import { ENOUGH_TILES, measureEnoughTiles } from './tuning';

/** Whose kernels run on WebGPU: Easel's own on graphics cards, or as told. */
export type KernelChoice = 'auto' | 'own' | 'onnxruntime';

/** What a device was found to do with our kernels, and with recorded runs. */
interface Probed {
  enoughTiles: number;
  report: KernelReport;
}
const ProbedSchema = v.object({
  enoughTiles: v.number(),
  report: v.object({
    own: v.array(v.string()),
    notes: v.array(v.custom<Said>(isSaid)),
    recordsRuns: v.boolean(),
    enoughTiles: v.optional(v.number()),
  }),
}) satisfies v.GenericSchema<Probed>;

/** One adapter and one precision make one finding, however many models are opened. */
const probed = new Map<Precision, Promise<Probed>>();

/**
 * The device with our kernels in onnxruntime's place (`installKernels`), once a small network has run on it with them:
 * only so is it known, before a model's graph is built, whether this onnxruntime's shaders are those we know and
 * whether this driver computes ours right. How large tiles should be is measured at the same time; and whether a
 * recorded run (`IoBinding`), repeated with other inputs, gives what a run gives that is not.
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
    finding = found(device, openGpu, precision);
    probed.set(precision, finding);
  }
  const { enoughTiles, report: kernels } = await finding;
  const told = { ...device, report: { ...report, kernels }, records: kernels.recordsRuns };
  return kernels.own.length === 0 ? told : { ...told, openGpu: () => opened(openGpu, enoughTiles) };
}

/** What was found of the adapter with this browser and this onnxruntime before, or is found now. */
async function found(device: ChosenDevice, openGpu: () => Promise<GPUDevice>, precision: Precision): Promise<Probed> {
  const find = () => probe(device, openGpu, precision);
  if (!device.adapter) return find();
  const { ort } = await loadOrt();
  const what = [precision, ort.env.versions.web ?? ort.env.versions.common];
  const isWorthKeeping = ({ report }: Probed) => report.own.length > 0 && report.recordsRuns;
  return keptFor<Probed>(ProbedSchema, what, device.adapter, find, isWorthKeeping);
}

async function opened(openGpu: () => Promise<GPUDevice>, enoughTiles: number): Promise<GPUDevice> {
  const gpu = await openGpu();
  installKernels(gpu, enoughTiles);
  return gpu;
}

async function probe(device: ChosenDevice, openGpu: () => Promise<GPUDevice>, precision: Precision): Promise<Probed> {
  let enoughTiles = ENOUGH_TILES;
  try {
    let use: KernelUse | undefined;
    const seen = new Set<Program>();
    const openProbed = async () => {
      const gpu = await openGpu();
      if (!device.software) enoughTiles = await measureEnoughTiles(gpu, precision === 'float16');
      use = installKernels(gpu, enoughTiles, (program) => seen.add(program));
      return gpu;
    };
    const outputs = await runSmallNetwork({ ...device, openGpu: openProbed }, precision);
    const recording = { ...device, openGpu: () => opened(openGpu, enoughTiles), records: true };
    const whyNot = await whyNotRecorded(recording, precision, outputs);
    const own = Object.keys(use?.replaced ?? {});
    const notes = [
      ...(use?.notes ?? []),
      ...notSeen(seen),
      ...(whyNot ? [said`Steps are not recorded and repeated: ${whyNot}.`] : []),
    ];
    return { enoughTiles, report: { own, notes, enoughTiles, recordsRuns: whyNot === undefined } };
  } catch (thrown) {
    const notes = [said`Easel's own kernels are off: ${toEaselError(thrown).said}`];
    return { enoughTiles, report: { own: [], notes, recordsRuns: false } };
  }
}

/** What the small network is made of, by onnxruntime's programs; a matrix product is one or the other. */
const EXPECTED: readonly (readonly Program[])[] = [
  ['Conv2dMM'],
  ['GroupNormStats'],
  ['MatMul', 'Gemm'],
  ['FlashAttention'],
];

/** On programs that did not come by at all: onnxruntime has others for them, here or since a new version. */
function notSeen(seen: ReadonlySet<Program>): Said[] {
  return EXPECTED.filter((programs) => !programs.some((program) => seen.has(program))).map(
    (programs) => said`onnxruntime has no ${programs.join(' / ')} here that is known; its own kernel runs there.`,
  );
}

/** Why runs are not to be recorded on a device; undefined where recorded ones give the same numbers. */
async function whyNotRecorded(
  device: ChosenDevice,
  precision: Precision,
  wanted: readonly Float32Array[],
): Promise<Said | undefined> {
  try {
    const outputs = await runSmallNetwork(device, precision);
    const same = outputs.every((output, run) => output.every((value, i) => value === wanted[run][i]));
    return same ? undefined : said`a recorded run gave other numbers`;
  } catch (thrown) {
    return toEaselError(thrown).said;
  }
}

/**
 * A convolution, a normalisation, a matrix product and attention: what they give for inputs of two sizes and several
 * values.
 */
async function runSmallNetwork(device: ChosenDevice, precision: Precision): Promise<Float32Array[]> {
  const g = GraphBuilder.create('probe', { operators: 'webgpu', precision });
  const map = conv(g.scope('conv'), toPrecision(g, g.input('x', 'float32', ['batch', 32, 8, 8])), 32, 64, 3);
  const normal = groupNorm(g.scope('norm'), map, 8, 64, 1e-5, 'none');
  const tokens = linear(g.scope('linear'), toTokens(g, normal, 64), 64, 128);
  g.output('out', toFloat32(g, attention(g, tokens, tokens, tokens, 2)), ['batch', 64, 128]);
  const session = await createSession(g.finish(), { read: async (slot) => waves(slot) }, device, { repeats: true });
  try {
    const outputs: Float32Array[] = [];
    for (const [batch, scale] of [
      [2, 1],
      [2, -0.5],
      [1, 1],
      [2, 0.25],
    ]) {
      const data = Float32Array.from({ length: batch * 32 * 8 * 8 }, (_, i) => scale * Math.sin(i));
      outputs.push((await session.run({ x: { data, dims: [batch, 32, 8, 8] } })).out);
    }
    return outputs;
  } finally {
    await session.release();
  }
}

/** Weights of about the size that trained ones have. */
function waves({ dtype, byteLength }: WeightSlot): Uint8Array {
  const values = Float32Array.from({ length: byteLength / (dtype === 'float16' ? 2 : 4) }, (_, i) => Math.sin(i) / 8);
  return new Uint8Array((dtype === 'float16' ? toHalf(values) : values).buffer);
}
