import * as v from 'valibot';
import { create } from 'zustand';
import { afterFailure, afterSuccess, type Fit, fitOf, type MemoryRoom, memoryLimit } from '../../core/memory-fit';
import {
  type KnownMemory,
  MEMORY_PLANS,
  type MemoryPlan,
  type ModelShape,
  memoryNeed,
  type PictureSize,
  planFor,
} from '../../core/memory-need';
import type { DeviceReport } from '../../engine/protocol';
import { texts } from '../../texts/store';
import { type OpenModel, useEngine } from '../engine';
import { engine } from '../engine-port';
import { fieldsOf, type KeyValueStorage, mergedFields, persistSlot, type Slot } from '../persistence/persisted';
import { usePreferences } from '../settings/preferences';

/** What was found out of the memory of this computer's devices, which browsers do not tell. */
interface MemoryState {
  /** What ran and what did not, by device. */
  rooms: Readonly<Partial<Record<string, Pick<MemoryRoom, 'held' | 'failed'>>>>;
  /** The plan that models need which could not be opened by those before it, by device and model. */
  plans: Readonly<Partial<Record<string, MemoryPlan>>>;
}

export const useMemory = create<MemoryState>(() => ({ rooms: {}, plans: {} }));

/** Where models run, asked before there is one; undefined until the engine has said so. */
export const useDevice = create<{ device: DeviceReport | undefined }>(() => ({ device: undefined }));

const Bytes = v.optional(v.pipe(v.number(), v.finite(), v.gtValue(0)));
const SCHEMA = v.object({
  rooms: v.fallback(v.record(v.string(), v.fallback(v.object({ held: Bytes, failed: Bytes }), {})), {}),
  plans: v.fallback(v.record(v.string(), v.fallback(v.picklist(MEMORY_PLANS), 'together')), {}),
});

export const MEMORY_SLOT: Slot<MemoryState> = {
  key: 'easel.memory',
  label: texts.whatFitsOnThisDevice,
  v: 1,
  migrations: {},
  parse: (value) => v.parse(SCHEMA, fieldsOf(value)),
  merge: mergedFields,
};

/** Takes up what earlier visits found out. Returns what ends it. */
export function persistMemory(storage: KeyValueStorage): () => void {
  return persistSlot(MEMORY_SLOT, useMemory, storage);
}

/** Asks where models run, now and whenever the person chooses otherwise. */
export function followDevice(): () => void {
  const ask = async () => {
    const { device: preference } = usePreferences.getState();
    const device = await engine()
      .device(preference)
      .catch(() => undefined);
    if (usePreferences.getState().device === preference) useDevice.setState({ device });
  };
  void ask();
  return usePreferences.subscribe((now, before) => {
    if (now.device !== before.device) void ask();
  });
}

const deviceKey = ({ provider, precision, name }: DeviceReport) => `${provider} ${precision} ${name}`;
const modelKey = (device: DeviceReport, id: string) => `${deviceKey(device)} / ${id}`;

/** The memory of the whole device, as the browser rounds it. */
function deviceBytes(): number | undefined {
  const { deviceMemory } = (globalThis.navigator ?? {}) as { deviceMemory?: number };
  return deviceMemory === undefined ? undefined : deviceMemory * 2 ** 30;
}

/** What is known of a device's memory. */
export function roomOf(device: DeviceReport, { rooms }: MemoryState = useMemory.getState()): MemoryRoom {
  return { limit: memoryLimit({ ...device, deviceBytes: deviceBytes() }), ...rooms[deviceKey(device)] };
}

/**
 * How a model of that shape would do where models run, at the size it was trained for; undefined until that place is
 * known.
 */
export function fitHere({ parameters, side }: ModelShape): Fit | undefined {
  const { device } = useDevice.getState();
  if (!device) return undefined;
  const bytes = device.precision === 'float16' ? 2 : 4;
  const { text, unet, decoder } = parameters;
  const weights = { text: bytes * text, unet: bytes * unet, decoder: bytes * decoder };
  return fitOf(weights, { width: side, height: side }, device, roomOf(device));
}

/** What the engine should know of the memory before it opens a model. */
export function knownMemory(id: string, device = useDevice.getState().device): KnownMemory {
  if (!device) return {};
  const { limit, failed } = roomOf(device);
  const short = [limit, failed].filter((bytes) => bytes !== undefined);
  const plan = useMemory.getState().plans[modelKey(device, id)];
  return { ...(short.length > 0 && { short: Math.min(...short) }), ...(plan && plan !== 'together' && { plan }) };
}

/** How a model’s parts share memory for a picture, and what that takes. */
export function memoryTaken({ device, memory = {} }: Pick<OpenModel, 'device' | 'memory'>, size: PictureSize) {
  const { networks } = device;
  if (!networks) return undefined;
  const plan = planFor(networks, size, device, memory);
  const need = memoryNeed(networks, size, device);
  return { plan, need, bytes: need[plan] };
}

/** A picture of that size was painted by the open model. */
export function noteRan(size: PictureSize): void {
  const { model } = useEngine.getState();
  const used = model && memoryTaken(model, size);
  if (used) changeRoom(model.device, (room) => afterSuccess(room, used.bytes));
}

/** Memory ran out while the open model painted a picture of that size. */
export function noteShort(size: PictureSize): void {
  const { model } = useEngine.getState();
  const used = model && memoryTaken(model, size);
  if (used) changeRoom(model.device, (room) => afterFailure(room, used.bytes));
}

function changeRoom(device: DeviceReport, change: (room: MemoryRoom) => MemoryRoom): void {
  const key = deviceKey(device);
  const before = useMemory.getState().rooms[key] ?? {};
  const { held, failed } = change(before);
  if (held === before.held && failed === before.failed) return;
  useMemory.setState(({ rooms }) => ({ rooms: { ...rooms, [key]: { held, failed } } }));
}

/** A model is to be opened by that plan from now on. */
export function rememberPlan(id: string, plan: MemoryPlan): void {
  const { device } = useDevice.getState();
  if (device) useMemory.setState(({ plans }) => ({ plans: { ...plans, [modelKey(device, id)]: plan } }));
}

/** Forgets what failed on a device, and the plans that came of it: other programs may have had the memory. */
export function forgetShortage(device: DeviceReport): void {
  const key = deviceKey(device);
  useMemory.setState(({ rooms, plans }) => ({
    rooms: { ...rooms, [key]: { held: rooms[key]?.held } },
    // Left out, a merge with what another tab wrote would bring them back.
    plans: Object.fromEntries(
      Object.entries(plans).map(([at, plan]) => [at, at.startsWith(`${key} / `) ? 'together' : plan]),
    ),
  }));
}

/** Whether anything did not fit on a device, so that something runs otherwise for it. */
export function hasShortage(device: DeviceReport, { rooms, plans }: MemoryState): boolean {
  const key = deviceKey(device);
  const isSparing = ([at, plan]: [string, MemoryPlan | undefined]) => at.startsWith(`${key} / `) && plan !== 'together';
  return rooms[key]?.failed !== undefined || Object.entries(plans).some(isSparing);
}
