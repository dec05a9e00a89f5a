/** The only place that imports onnxruntime-web, so that its builds, threads and version are decided once. */
import type * as Onnx from 'onnxruntime-web';
import { EaselError, said } from '../../core/errors';
import { WASM_BYTES, wasmTransfer } from './wasm-transfer';

export type { InferenceSession, Tensor } from 'onnxruntime-web';
export type Ort = typeof Onnx;

export interface LoadedOrt {
  ort: Ort;
  /** How this build reads external data: the JSPI build awaits a Blob, the others call back synchronously. */
  reads: 'asynchronous' | 'synchronous';
  threads: number;
}

const inNode = typeof process === 'object' && process !== null && process.versions?.node !== undefined;
declare const process: { versions?: { node?: string } } | undefined;

let loaded: Promise<LoadedOrt> | undefined;

/**
 * Loads onnxruntime-web once: the JSPI build where the browser can suspend WebAssembly, else the Asyncify build; both
 * hold the CPU provider too. In Node, the CPU-only build.
 * @param threads for the CPU provider; taken from the first call. Needs a cross-origin isolated page.
 * @throws EaselError `internal` where the host does not send the build
 */
export function loadOrt(threads = defaultThreads()): Promise<LoadedOrt> {
  loaded ??= importBuild()
    .catch(notSent)
    .then(({ ort, reads }) => {
      ort.env.wasm.numThreads = threads;
      ort.env.logLevel = 'error';
      // @xenova/transformers shares the Asyncify build with us and points it to a CDN unless its paths are set; none
      // are needed.
      ort.env.wasm.wasmPaths = {};
      return { ort, reads, threads };
    });
  return loaded;
}

/** onnxruntime tries a file that it could not load once only: later it knows just that it failed before. */
const NOT_SENT =
  /Aborted\((CompileError|both async and sync fetching)|previous call to 'initializeWebAssembly\(\)' failed/;

/** Whether a session could not be made because the .wasm file of the build did not come. */
export const isNotSent = (message: string): boolean => NOT_SENT.test(message);

/** @throws EaselError that says what to do about a build that did not come */
export function notSent(cause: unknown): never {
  const message = said`onnxruntime, which runs the model, did not come from the host, or something else came in its place. Reload the page. If you host it: copy all of dist/assets, the .wasm files too.`;
  throw new EaselError('internal', message, { cause });
}

// Dynamic imports: the provider's threads start from the imported chunk's own address, and must not run the app's code.
async function importBuild(): Promise<Omit<LoadedOrt, 'threads'>> {
  if (inNode) {
    // Resolves to the build for Node; a variable, so that no browser bundle carries it.
    const nodeBuild = 'onnxruntime-web';
    return { ort: (await import(/* @vite-ignore */ nodeBuild)) as Ort, reads: 'synchronous' };
  }
  const suspends = 'Suspending' in WebAssembly;
  wasmTransfer.follow(suspends ? WASM_BYTES.jspi : WASM_BYTES.asyncify);
  if (suspends) return { ort: await import('onnxruntime-web/jspi'), reads: 'asynchronous' };
  return { ort: await import('onnxruntime-web/webgpu'), reads: 'synchronous' };
}

/**
 * All cores of a small machine, half of a large one's: logical cores beyond the physical ones slow the kernels down,
 * and the page needs some room. One where the page is not cross-origin isolated (no SharedArrayBuffer).
 */
function defaultThreads(): number {
  if (inNode) return 2;
  if (!globalThis.crossOriginIsolated) return 1;
  const cores = globalThis.navigator?.hardwareConcurrency ?? 2;
  return cores <= 4 ? cores : Math.min(8, Math.ceil(cores / 2));
}
