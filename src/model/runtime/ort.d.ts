/** The only place that imports onnxruntime-web, so that its builds, threads and version are decided once. */
import type * as Onnx from 'onnxruntime-web';
export type Ort = typeof Onnx;
export interface LoadedOrt {
    ort: Ort;
    /** How this build reads external data: the JSPI build awaits a Blob, the others call back synchronously. */
    reads: 'asynchronous' | 'synchronous';
    threads: number;
}
/**
 * Loads onnxruntime-web once: the JSPI build where the browser can suspend WebAssembly, else the Asyncify build; both hold
 * the CPU provider too. In Node, the CPU-only build.
 * @param threads for the CPU provider; taken from the first call. Needs a cross-origin isolated page.
 */
export declare function loadOrt(threads?: number): Promise<LoadedOrt>;
