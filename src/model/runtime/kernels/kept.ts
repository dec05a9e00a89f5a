/** Raised when kernels or the probe change so that what was found before says nothing of them. */
const KERNELS_VERSION = 2;

/**
 * What was found of an adapter, kept in the browser's cache: found anew where nothing is kept, and with another
 * browser or onnxruntime. Where the browser keeps nothing, and where `isWorthKeeping` says no, each page finds it.
 * @param what tells it from what else is found of the adapter
 */
export async function keptFor<T>(
  what: readonly string[],
  { vendor, architecture, device, description }: GPUAdapterInfo,
  find: () => Promise<T>,
  isWorthKeeping: (found: T) => boolean,
): Promise<T> {
  const id = [KERNELS_VERSION, ...what, vendor, architecture, device, description, globalThis.navigator.userAgent];
  const address = `/kernels/${id.map((part) => encodeURIComponent(part)).join('/')}`;
  const cache = await globalThis.caches?.open('easel-kernels').catch(() => undefined);
  const kept = await (await cache?.match(address))?.json();
  if (kept !== undefined) return kept as T;
  const found = await find();
  // A full disk costs a measurement.
  if (isWorthKeeping(found)) await cache?.put(address, Response.json(found)).catch(() => undefined);
  return found;
}
