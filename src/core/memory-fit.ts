import {
  MEMORY_PLANS,
  type MemoryPlan,
  memoryNeed,
  type NetworkBytes,
  type PictureSize,
  planBelow,
  type RunsOn,
  smallerSize,
  WASM_BYTES,
} from './memory-need';

/** What is known of the memory that a model would run in, in bytes. Browsers do not tell a graphics card's. */
export interface MemoryRoom {
  /** The most that is there: WebAssembly's 4 GB, or what a small device's graphics are taken to share. */
  limit?: number;
  /** The most that was seen to run here. */
  held?: number;
  /** The least that did not fit when it was tried here. */
  failed?: number;
}

/** A device, as far as a model's memory is concerned. */
export interface MemoryDevice extends RunsOn {
  /** Of the whole device, as `navigator.deviceMemory` rounds it, in bytes. */
  deviceBytes?: number;
}

/**
 * `fits`: there is room. `tight`: its parts must take turns, or the picture be smaller. `unknown`: the browser does not
 * tell. `does-not-fit`: there is too little, however it is run.
 */
export type Verdict = 'fits' | 'tight' | 'unknown' | 'does-not-fit';

/** How a model would do on a device. */
export interface Fit {
  verdict: Verdict;
  /** The best of the plans that may fit; the one that takes least where none does. */
  plan: MemoryPlan;
  /** What that takes. */
  bytes: number;
  /** The size that it was judged at: smaller than asked where nothing else fits. */
  size: PictureSize;
  /** Why there is no more, where that is known. */
  bound?: { bytes: number; by: 'limit' | 'failed' };
}

/** A card whose largest buffer is smaller shares the memory of a phone, or of a small computer. */
const ROOMY_BINDING = 2 ** 30;
const SMALL_DEVICE = 4 * 2 ** 30;
/** What graphics may take of a memory that they share with everything else. */
const SHARED = 0.5;
/** Above this share of a limit it takes little to go over. */
const COMFORTABLE = 0.85;

/** Where a device's memory is known to end, before anything was tried. */
export function memoryLimit({ provider, binding, deviceBytes }: MemoryDevice): number | undefined {
  if (provider === 'wasm') return Math.min(WASM_BYTES, deviceBytes ?? WASM_BYTES);
  const isSmall = deviceBytes !== undefined && (deviceBytes <= SMALL_DEVICE || (binding ?? 0) < ROOMY_BINDING);
  return isSmall ? SHARED * deviceBytes : undefined;
}

/**
 * Whether a model fits, at the size asked or else a smaller one.
 * @param weights as they run on `device`
 */
export function fitOf(weights: NetworkBytes, size: PictureSize, device: RunsOn, room: MemoryRoom): Fit {
  let smallest: Fit | undefined;
  for (let tried: PictureSize | undefined = size; tried; tried = smallerSize(tried)) {
    const fit = fitAt(weights, tried, device, room);
    if (fit.verdict !== 'does-not-fit') return tried === size ? fit : { ...fit, verdict: 'tight' };
    smallest ??= fit;
  }
  return smallest as Fit;
}

function fitAt(weights: NetworkBytes, size: PictureSize, device: RunsOn, { limit, held = 0, failed }: MemoryRoom): Fit {
  const need = memoryNeed(weights, size, device);
  const bound = boundOf(limit, failed);
  const plan = planBelow(need, bound?.bytes ?? Number.POSITIVE_INFINITY);
  if (!plan) {
    const [least] = MEMORY_PLANS.toReversed();
    return { verdict: 'does-not-fit', plan: least, bytes: need[least], size, bound };
  }
  const bytes = need[plan];
  const proven = bytes <= held || (limit !== undefined && bytes <= COMFORTABLE * limit && failed === undefined);
  const known = proven || limit !== undefined;
  const verdict = !known ? 'unknown' : proven && plan === 'together' ? 'fits' : 'tight';
  return { verdict, plan, bytes, size, bound };
}

/** The lower of what is there and what failed. */
function boundOf(limit = Number.POSITIVE_INFINITY, failed = Number.POSITIVE_INFINITY): Fit['bound'] {
  if (limit === Number.POSITIVE_INFINITY && failed === Number.POSITIVE_INFINITY) return undefined;
  return failed <= limit ? { bytes: failed, by: 'failed' } : { bytes: limit, by: 'limit' };
}

/** What is known after something of `bytes` has run: what failed with no more than that was short for a while only. */
export function afterSuccess({ held = 0, failed, ...rest }: MemoryRoom, bytes: number): MemoryRoom {
  const known = failed !== undefined && failed > bytes ? { failed } : {};
  return { ...rest, held: Math.max(held, bytes), ...known };
}

/** What is known after `bytes` did not fit: what ran with that much before does not count any more. */
export function afterFailure({ held, failed, ...rest }: MemoryRoom, bytes: number): MemoryRoom {
  const known = held !== undefined && held < bytes ? { held } : {};
  return { ...rest, ...known, failed: Math.min(failed ?? Number.POSITIVE_INFINITY, bytes) };
}
