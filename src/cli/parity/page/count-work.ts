import type { CountedWork } from '../protocol';

/**
 * Counts a device's compute dispatches from now on, without changing what they do: the proof that a graph ran on the
 * GPU.
 */
export function countWork(gpu: GPUDevice): CountedWork {
  const work: CountedWork = { dispatches: 0 };
  const createCommandEncoder = gpu.createCommandEncoder.bind(gpu);
  gpu.createCommandEncoder = (descriptor) => {
    const encoder = createCommandEncoder(descriptor);
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (passDescriptor) => {
      const pass = beginComputePass(passDescriptor);
      const dispatchWorkgroups = pass.dispatchWorkgroups.bind(pass);
      pass.dispatchWorkgroups = (...counts) => {
        work.dispatches++;
        return dispatchWorkgroups(...counts);
      };
      return pass;
    };
    return encoder;
  };
  return work;
}
