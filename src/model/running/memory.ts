import { EaselError, type Said, said } from '../../core/errors';
import { type MemoryPlan, type NetworkBytes, WASM_BYTES } from '../../core/memory-need';
import type { BuiltGraph } from '../graph/types';
import { type ChosenDevice, type DeviceReport, largestTensor } from '../runtime/device';
import type { Precision } from '../weights/dtypes';

const GIB = 2 ** 30;
/**
 * WebGPU does not tell how much memory a graphics card has. One that offers no buffer of 1 GiB is small, or shares the
 * memory of a phone; and a model over 4 GiB leaves too little of a card of 8.
 */
const ROOMY_BUFFER = GIB;
const ROOMY_WEIGHTS = 4 * GIB;

/** What the graphs' weights take on the device. */
export function bytesOf(graphs: readonly BuiltGraph[]): number {
  return graphs.flatMap(({ files }) => files).reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/**
 * In what precision a float16 UNet's convolutions run. Our own kernel adds up in float32, so float16 serves;
 * onnxruntime's does not: there float32 is more exact (`Dialect.convolutions`) and takes 1.13 GB more for SD 1.5,
 * unless memory may be short.
 * @param weightBytes of all networks, with convolutions in float32
 */
export function convolutionPrecision({ report, limits }: ChosenDevice, weightBytes: number): Precision {
  if (report.precision === 'float32' || !limits) return 'float32';
  if (hasOwnConvolutions(report)) return 'float16';
  const roomy = limits.maxBufferSize >= ROOMY_BUFFER && weightBytes <= ROOMY_WEIGHTS;
  return roomy ? 'float32' : 'float16';
}

/** Whether convolutions add up in float32, whatever their precision. */
export const hasOwnConvolutions = ({ kernels }: DeviceReport): boolean => kernels?.own.includes('Conv2dMM') ?? false;

/** The device with what is known of it once a model is at hand. */
export function withMemoryPlan(
  device: ChosenDevice,
  convolutions: Precision,
  weightBytes: number,
  decoder: Precision,
): ChosenDevice {
  const { report } = device;
  const exactDecoder = decoder === 'float32' && report.precision === 'float16';
  const form = convolutions === 'float16' && hasOwnConvolutions(report) ? 'own' : convolutions;
  const reason = report.precision === 'float16' ? said`${report.reason} ${CONVOLUTIONS[form]}` : report.reason;
  return { ...device, report: { ...report, convolutions, weightBytes, exactDecoder, reason } };
}

const CONVOLUTIONS: Readonly<Record<Precision | 'own', Said>> = {
  own: said`Convolutions add up in 32-bit floats.`,
  float32: said`Convolutions run in 32-bit floats, which is more exact.`,
  float16: said`Convolutions run in 16-bit floats too, since memory may be short: pictures differ slightly.`,
};

/** What the weights of a model's graphs take, by network. @param networks UNet and text towers */
export function networkBytes(networks: readonly BuiltGraph[], decoder: BuiltGraph): NetworkBytes {
  const isUnet = ({ name }: BuiltGraph) => name === 'unet';
  return {
    text: bytesOf(networks.filter((graph) => !isUnet(graph))),
    unet: bytesOf(networks.filter(isUnet)),
    decoder: bytesOf([decoder]),
  };
}

/** What a person should know of a plan; undefined where nothing is slower. */
export function planNote(plan: MemoryPlan): Said | undefined {
  return plan === 'together' ? undefined : PLAN_NOTES[plan];
}

const PLAN_NOTES: Readonly<Record<Exclude<MemoryPlan, 'together'>, Said>> = {
  'in-turn': said`Its parts are loaded in turn, since they do not fit into memory together: each picture takes longer.`,
  'in-turn-tiled': said`Its parts are loaded in turn and pictures are decoded in tiles, since memory is short: each picture takes longer.`,
};

/**
 * Refuses a model that the device cannot hold, before a weight of it is read.
 * @throws EaselError `out-of-memory` naming the tensor, or the sizes.
 */
export function refuseTooLarge(name: string, graphs: readonly BuiltGraph[], { report, limits }: ChosenDevice): void {
  if (limits) {
    const most = largestTensor(limits);
    const large = graphs.flatMap(({ weights }) => weights).find(({ byteLength }) => byteLength > most);
    if (!large) return;
    const message = said`"${large.key}" of ${name} takes ${inMiB(large.byteLength)} in ${report.precision}; this graphics card can bind ${inMiB(most)} at a time. Choose the CPU, or a smaller model.`;
    throw new EaselError('out-of-memory', message);
  }
  refuseTooLargeForCpu(
    name,
    graphs.map((graph) => ({ name: graph.name, bytes: bytesOf([graph]) })),
    said`in 32-bit floats`,
  );
}

/**
 * Refuses a model of which one network is more than the CPU can hold; where they only do not fit together, they take
 * turns.
 * @param form what the weights are, as `in 32-bit floats`
 * @throws EaselError `out-of-memory` naming the network, and the sizes.
 */
export function refuseTooLargeForCpu(
  model: string,
  networks: readonly { name: string; bytes: number }[],
  form: Said,
): void {
  const large = networks.find(({ bytes }) => bytes > WASM_BYTES);
  if (!large) return;
  const message = said`The ${large.name} of ${model} has ${inGiB(large.bytes)} of weights ${form}, and the CPU can hold ${inGiB(WASM_BYTES)} in a browser. It needs a graphics card with WebGPU.`;
  throw new EaselError('out-of-memory', message);
}

const inMiB = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
const inGiB = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`;
