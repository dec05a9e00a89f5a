import { EaselError, type Said, said } from '../../core/errors';
import type { MemoryPlan, NetworkBytes, RunsOn } from '../../core/memory-need';
import type { Precision } from '../weights/dtypes';

/** Where graphs run. `webgpu` is a hardware adapter unless the person forced a software one. */
export type Provider = 'webgpu' | 'wasm';
/** What the person asked for; `auto` picks (see `chooseDevice`). */
export type DevicePreference = 'auto' | Provider;

/** What runs the model and why, for the device chip. */
export interface DeviceReport extends RunsOn {
  provider: Provider;
  /** Of the UNet and text encoder; a VAE may run in float32 (`running-autoencoder.ts`). */
  precision: Precision;
  /** Of the UNet's convolutions; known once a model is loaded, as is what its weights take. */
  convolutions?: Precision;
  weightBytes?: number;
  /** The same by network, and how they share memory for a picture of the model's usual size. */
  networks?: NetworkBytes;
  plan?: MemoryPlan;
  /** "NVIDIA ..." or "2 threads". */
  name: string;
  threads: number;
  /** One sentence: why this one and not another. */
  reason: Said;
  /** Whose kernels run, where they were looked at: on graphics cards. */
  kernels?: KernelReport;
}

/** What of Easel's own kernels runs in onnxruntime's place (runtime/kernels). */
export interface KernelReport {
  /** onnxruntime's programs that ours replace; none where they are off. */
  own: readonly string[];
  /** Sentences: what stays with onnxruntime though ours should run, and why. */
  notes: readonly Said[];
  /** Whether a step's commands are recorded once and repeated (runtime/io-binding.ts). */
  recordsRuns: boolean;
  /** Tiles that were found to keep the card busy (runtime/kernels/tuning.ts). */
  enoughTiles?: number;
}

export interface ChosenDevice {
  report: DeviceReport;
  /** A GPUDevice of the caller's own; destroying it really frees its sessions' memory. Absent on wasm. */
  openGpu?: () => Promise<GPUDevice>;
  /** What a session does with its device when it ends; destroys it where left out. */
  closeGpu?: (gpu: GPUDevice) => void;
  /** Of the adapter; absent on wasm. */
  limits?: MemoryLimits;
  /** Which adapter it is; absent on wasm. */
  adapter?: GPUAdapterInfo;
  /** The adapter computes on the CPU. */
  software?: boolean;
  /** Runs can be recorded and repeated (`runtime/io-binding.ts`): found out by trying (`kernels/probe.ts`). */
  records?: boolean;
}

/** In bytes: what one buffer may hold, and what of it a kernel may see. */
export type MemoryLimits = Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>;

/** The largest tensor that a kernel can be given, in bytes. */
export const largestTensor = ({ maxBufferSize, maxStorageBufferBindingSize }: MemoryLimits): number =>
  Math.min(maxBufferSize, maxStorageBufferBindingSize);

/**
 * Limits that onnxruntime's own device takes from the adapter; the defaults are far too small for a picture's tensors.
 */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const;

/**
 * Decides where a model runs, before anything of it is read: a hardware adapter with shader-f16 in float16, one without
 * in float32; a software adapter or none means the CPU provider. The reason is a sentence for the person.
 * @param threads what the CPU provider would use.
 * @throws EaselError `no-webgpu` when the person insists on WebGPU and there is no adapter at all.
 */
export async function chooseDevice(
  preference: DevicePreference,
  threads: number,
  gpu: GPU | undefined = globalThis.navigator?.gpu,
): Promise<ChosenDevice> {
  if (preference === 'wasm') return cpu(threads, said`You chose the CPU.`);
  const adapter = await findAdapter(gpu);
  if (!gpu || !adapter) {
    const reason = gpu ? said`WebGPU found no GPU in this browser.` : said`This browser has no WebGPU.`;
    if (preference === 'webgpu') throw new EaselError('no-webgpu', said`${reason} Choose Automatic or CPU.`);
    return cpu(threads, reason);
  }
  if (isSoftware(adapter) && preference === 'auto') {
    return cpu(threads, said`WebGPU here is a software adapter, which is far slower than the CPU itself.`);
  }
  const half = adapter.features.has('shader-f16');
  const why = half
    ? said`The graphics card computes in 16-bit floats.`
    : said`The graphics card has no 16-bit floats (shader-f16).`;
  return {
    report: {
      provider: 'webgpu',
      precision: half ? 'float16' : 'float32',
      name: adapterName(adapter.info),
      threads,
      reason: preference === 'webgpu' ? said`You chose WebGPU. ${why}` : why,
      binding: largestTensor(adapter.limits),
    },
    openGpu: () => openDevice(gpu),
    limits: adapter.limits,
    adapter: adapter.info,
    software: isSoftware(adapter),
  };
}

function cpu(threads: number, reason: Said): ChosenDevice {
  return {
    report: {
      provider: 'wasm',
      precision: 'float32',
      name: `${threads} ${threads === 1 ? 'thread' : 'threads'}`,
      threads,
      reason:
        threads > 1
          ? reason
          : said`${reason} One thread only: the page is not cross-origin isolated, or there is one core.`,
    },
  };
}

/** A driver that is broken may never answer; a browser's graphics process that has just begun takes seconds. */
const ADAPTER_WITHIN_MS = 30_000;

/** The adapter that WebGPU would rather have; undefined without one, also where none is named within half a minute. */
export async function findAdapter(gpu: GPU | undefined): Promise<GPUAdapter | undefined> {
  const found = gpu?.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (!found) return undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ADAPTER_WITHIN_MS, null);
  });
  const adapter = await Promise.race([found, tooLong]);
  clearTimeout(timer);
  return adapter ?? undefined;
}

/** True for an adapter that computes on the CPU. */
export function isSoftware(adapter: GPUAdapter): boolean {
  return (
    adapter.info.isFallbackAdapter === true ||
    /swiftshader|llvmpipe|lavapipe/i.test(`${adapter.info.architecture} ${adapter.info.description}`)
  );
}

function adapterName(info: GPUAdapterInfo): string {
  const name = info.description || [info.vendor, info.architecture].filter(Boolean).join(' ');
  return name || 'GPU';
}

/** One adapter yields one device, so each call asks for an adapter of its own. */
async function openDevice(gpu: GPU): Promise<GPUDevice> {
  const adapter = await findAdapter(gpu);
  if (!adapter)
    throw new EaselError('no-webgpu', said`The graphics adapter has gone. Reload the page, or choose the CPU.`);
  const wanted: GPUFeatureName[] = ['shader-f16', 'timestamp-query'];
  // onnxruntime's attention shuffles 8 lanes: with narrower subgroups it returns garbage (notes: the 'subgroups' trap).
  if ((adapter.info.subgroupMinSize ?? 0) >= 8) wanted.push('subgroups');
  const asked = {
    requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  };
  return adapter.requestDevice(asked).catch((cause) => {
    // A driver says so where another program has nearly all of the card's memory.
    throw new EaselError(
      'out-of-memory',
      said`The graphics card gives no device (${cause instanceof Error ? cause.message : String(cause)}). Another program may have its memory: end that and try again, or choose the CPU.`,
      { cause },
    );
  });
}
