import type { ChosenDevice } from '../../src/model/runtime/device';

/** What the dispatches of a program took on the card, those of one size together. */
export interface ProgramTime {
  program: string;
  /** Workgroups of a dispatch. */
  groups: string;
  dispatches: number;
  ms: number;
}

/** A query set holds no more stamps; two a dispatch. */
const STAMPS = 4096;
type Timed = Pick<ProgramTime, 'program' | 'groups'>;

/**
 * Times the dispatches of whoever computes on a device, by the card's own clock: while it runs, each is put into a pass
 * of its own. Chromium rounds to 0.1 ms unless it is started with `--disable-dawn-features=timestamp_quantization`.
 */
export class DispatchClock {
  #device: GPUDevice | undefined;
  #sets: GPUQuerySet[] = [];
  #timed: Timed[] | undefined;
  readonly #names = new WeakMap<GPUComputePipeline, string>();

  /** The device with its dispatches under this clock; needs `timestamp-query`. */
  on(chosen: ChosenDevice): ChosenDevice {
    return {
      ...chosen,
      openGpu: async () => {
        const device = await chosen.openGpu?.();
        if (!device) throw new Error('Only WebGPU has dispatches.');
        this.#watch(device);
        return device;
      },
    };
  }

  start(): void {
    this.#timed = [];
  }

  /** Programs, the longest first. */
  async stop(): Promise<ProgramTime[]> {
    const timed = this.#timed ?? [];
    this.#timed = undefined;
    const sums = new Map<string, ProgramTime>();
    for (const [i, nanoseconds] of (await this.#stamps(timed.length)).entries()) {
      const { program, groups } = timed[i];
      const key = `${program} ${groups}`;
      const sum = sums.get(key) ?? { program, groups, dispatches: 0, ms: 0 };
      sums.set(key, { ...sum, dispatches: sum.dispatches + 1, ms: sum.ms + nanoseconds / 1e6 });
    }
    return [...sums.values()].sort((a, b) => b.ms - a.ms);
  }

  #watch(device: GPUDevice): void {
    this.#device = device;
    this.#sets = [];
    const createPipeline = device.createComputePipelineAsync.bind(device);
    device.createComputePipelineAsync = async (descriptor) => {
      const pipeline = await createPipeline(descriptor);
      this.#names.set(pipeline, descriptor.label || descriptor.compute.module.label);
      return pipeline;
    };
    const createCommandEncoder = device.createCommandEncoder.bind(device);
    device.createCommandEncoder = (descriptor) => {
      const encoder = createCommandEncoder(descriptor);
      const begin = encoder.beginComputePass.bind(encoder);
      encoder.beginComputePass = (pass) => (this.#timed ? this.#apart(begin) : begin(pass));
      return encoder;
    };
  }

  /** Stands for a pass, and begins one for each dispatch. */
  #apart(begin: GPUCommandEncoder['beginComputePass']): GPUComputePassEncoder {
    let pipeline: GPUComputePipeline | undefined;
    const groups = new Map<number, GPUBindGroup>();
    return {
      setPipeline: (next: GPUComputePipeline) => {
        pipeline = next;
      },
      setBindGroup: (index: number, group: GPUBindGroup) => groups.set(index, group),
      dispatchWorkgroups: (x: number, y = 1, z = 1) => {
        if (!pipeline || !this.#timed) return;
        const pass = begin({ timestampWrites: this.#nextStamps() });
        this.#timed.push({ program: this.#names.get(pipeline) ?? '', groups: `${x} ${y} ${z}` });
        pass.setPipeline(pipeline);
        for (const [index, group] of groups) pass.setBindGroup(index, group);
        pass.dispatchWorkgroups(x, y, z);
        pass.end();
      },
      end: () => undefined,
    } as unknown as GPUComputePassEncoder;
  }

  #nextStamps(): GPUComputePassTimestampWrites {
    const at = 2 * (this.#timed?.length ?? 0);
    const set = Math.floor(at / STAMPS);
    this.#sets[set] ??= this.#device!.createQuerySet({ type: 'timestamp', count: STAMPS });
    const first = at % STAMPS;
    return { querySet: this.#sets[set], beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 };
  }

  async #stamps(dispatches: number): Promise<number[]> {
    const device = this.#device!;
    const bytes = this.#sets.length * STAMPS * 8;
    const resolved = device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    const back = device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = device.createCommandEncoder();
    for (const [i, set] of this.#sets.entries()) encoder.resolveQuerySet(set, 0, STAMPS, resolved, i * STAMPS * 8);
    encoder.copyBufferToBuffer(resolved, 0, back, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await back.mapAsync(GPUMapMode.READ);
    const stamps = new BigUint64Array(back.getMappedRange().slice(0));
    return Array.from({ length: dispatches }, (_, i) => Number(stamps[2 * i + 1] - stamps[2 * i]));
  }
}
