import type { DevicePreference, DeviceReport } from '../types';
export interface ChosenDevice {
    report: DeviceReport;
    /** A GPUDevice of the caller's own; releasing its session then really frees its memory. Absent on wasm. */
    openGpu?: () => Promise<GPUDevice>;
}
/**
 * Decides where a model runs, before anything of it is read: a hardware adapter with shader-f16 in float16, one without in
 * float32; a software adapter or none means the CPU provider. The reason is a sentence for the person.
 * @param threads what the CPU provider would use.
 * @throws EaselError `no-webgpu` when the person insists on WebGPU and there is no adapter at all.
 */
export declare function chooseDevice(preference: DevicePreference, threads: number, gpu?: GPU | undefined): Promise<ChosenDevice>;
/** True for an adapter that computes on the CPU. */
export declare function isSoftware(adapter: GPUAdapter): boolean;
