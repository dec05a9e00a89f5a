/** What a device has said of memory that it could not give, maybe without words; undefined while it could. */
export interface Shortage {
  message?: string;
}

const watched = new WeakMap<GPUDevice, Shortage>();

/**
 * Hears of buffers that a graphics card had no room for. WebGPU hands out such buffers all the same and reports them
 * apart; onnxruntime does not listen, and would go on with numbers that nobody has written.
 */
export function watchShortage(gpu: GPUDevice): Shortage {
  const known = watched.get(gpu);
  if (known) return known;
  const shortage: Shortage = {};
  watched.set(gpu, shortage);
  gpu.addEventListener('uncapturederror', ({ error }) => {
    if (error instanceof GPUOutOfMemoryError) shortage.message ??= error.message;
  });
  return shortage;
}

/** Whether a message of onnxruntime's or the browser's says that memory ran out. */
export function saysShortage(message: string): boolean {
  return SHORTAGE.test(message);
}

const SHORTAGE =
  /out[ _]of[ _](\w+[ _])?memory|not enough memory|bad_alloc|failed to allocate|allocation failed|exceeds the max buffer size|memory access out of bounds/i;
