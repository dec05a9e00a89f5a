/** Bytes of each build's WebAssembly as it is once unpacked: a host that packs it says another length. */
export const WASM_BYTES = { jspi: 16_811_691, asyncify: 26_861_777 } as const;

/** How much of the build's WebAssembly has come. */
export class WasmTransfer {
  loadedBytes = 0;
  totalBytes = 0;
  /** Called with each piece. */
  onBytes: () => void = () => undefined;
  #end: () => void = () => undefined;
  /** Resolves when all has come, or nothing more will. */
  arrived: Promise<void> = Promise.resolve();

  /** Follows what onnxruntime fetches of its build from now on. It gets the response itself, so that it may stream. */
  follow(totalBytes: number, scope: { fetch: typeof fetch } = globalThis): void {
    this.totalBytes = totalBytes;
    this.arrived = new Promise((resolve) => {
      this.#end = resolve;
    });
    const fetched = scope.fetch.bind(globalThis);
    scope.fetch = async (input, init) => {
      const response = await fetched(input, init).catch((thrown) => {
        if (isWasm(String(input))) this.#end();
        throw thrown;
      });
      if (isWasm(response.url)) void this.#count(response.clone());
      return response;
    };
  }

  async #count({ body }: Response): Promise<void> {
    try {
      const reader = body?.getReader();
      for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
        this.loadedBytes = Math.min(this.totalBytes, this.loadedBytes + part.value.length);
        this.onBytes();
      }
    } catch {
      // Whoever the response is for says so.
    }
    this.loadedBytes = this.totalBytes;
    this.#end();
    this.onBytes();
  }
}

const isWasm = (address: string) => address.endsWith('.wasm');

export const wasmTransfer = new WasmTransfer();
