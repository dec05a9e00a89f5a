import * as v from 'valibot';

/** Raised when kernels or the probe change so that what was found before says nothing of them. */
const KERNELS_VERSION = 2;

/**
 * What was found of an adapter, kept in the browser's cache: found anew where nothing is kept, and with another
 * browser or onnxruntime. Where the browser keeps nothing, and where `isWorthKeeping` says no, each page finds it.
 * @param schema of what is found; what is kept and has another form is found anew
 * @param what tells it from what else is found of the adapter
 */
export async function keptFor<T>(
  schema: v.GenericSchema<T>,
  what: readonly string[],
  { vendor, architecture, device, description }: GPUAdapterInfo,
  find: () => Promise<T>,
  isWorthKeeping: (found: T) => boolean,
): Promise<T> {
  const id = [KERNELS_VERSION, ...what, vendor, architecture, device, description, globalThis.navigator.userAgent];
  const address = `/kernels/${id.map((part) => encodeURIComponent(part)).join('/')}`;
  const cache = await globalThis.caches?.open('easel-kernels').catch(() => undefined);
  const response = await cache?.match(address);
  const kept: unknown = await response?.json().catch(() => undefined);
  if (v.is(schema, kept)) return kept;
  const found = await find();
  // A full disk costs a measurement.
  if (isWorthKeeping(found)) await cache?.put(address, Response.json(found)).catch(() => undefined);
  return found;
}
