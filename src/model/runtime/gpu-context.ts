import type { ChosenDevice } from './device';

/** A device that sessions of one group share, and how many do. */
interface SharedDevice {
  gpu: Promise<GPUDevice>;
  sessions: number;
}

/**
 * A chosen device for networks that live and die together: their sessions share one GPUDevice, made for the first and
 * destroyed with the last. onnxruntime gives no memory back while another session lives on the same device, so a group
 * whose weights change closes whole before it opens again, on a new device. On wasm, where nothing is shared, the
 * device as it is.
 */
export function gpuContext(chosen: ChosenDevice): ChosenDevice {
  const { openGpu, closeGpu = (gpu) => gpu.destroy() } = chosen;
  if (!openGpu) return chosen;
  let shared: SharedDevice | undefined;
  const sharedBy = new WeakMap<GPUDevice, SharedDevice>();
  const leave = (context: SharedDevice) => {
    context.sessions--;
    if (context.sessions === 0 && shared === context) shared = undefined;
    return context.sessions;
  };
  return {
    ...chosen,
    async openGpu() {
      shared ??= { gpu: openGpu(), sessions: 0 };
      const context = shared;
      context.sessions++;
      try {
        const gpu = await context.gpu;
        sharedBy.set(gpu, context);
        // What comes after a loss begins on another one.
        void gpu.lost.then(() => {
          if (shared === context) shared = undefined;
        });
        return gpu;
      } catch (error) {
        leave(context);
        throw error;
      }
    },
    closeGpu(gpu) {
      const context = sharedBy.get(gpu);
      if (context && leave(context) === 0) closeGpu(gpu);
    },
  };
}
