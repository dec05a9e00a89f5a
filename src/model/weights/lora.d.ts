import type { ModelFiles } from '../types';
import { type StateDict } from './state-dict';
/**
 * Low-rank adaptation (Hu et al. 2021): W + scale up down, merged when a tensor is served. Key forms: kohya's scripts
 * (`lora_unet_..._to_q.lora_down.weight`, for SDXL under the original block names), diffusers and PEFT
 * (`unet....to_q.lora_A.weight`), LyCORIS' LoCon for convolutions, also with its middle factor.
 */
/** Which of a model's networks a module belongs to. */
export type AdaptedNetwork = 'unet' | 'text_encoder' | 'text_encoder_2';
/** Keys of one module's factors in the file. */
interface Factors {
    down?: string;
    up?: string;
    mid?: string;
    alpha?: string;
}
/** An opened LoRA file; its factors are still unread. */
export interface Lora {
    name: string;
    dict: StateDict;
    /** By network, then by the module's name with all dots as underscores. */
    modules: Readonly<Record<AdaptedNetwork, ReadonlyMap<string, Factors>>>;
}
export interface LoraUse {
    lora: Lora;
    /** Strength in the UNet and in the text towers; 1 is what it was trained at. */
    unetWeight: number;
    textWeight: number;
}
/**
 * Opens a LoRA file; only its header is read.
 * @throws EaselError `unsupported` naming the method where it is another (DoRA, LoHa ...) or the key that no form has;
 *   `corrupt` naming a module that lacks a factor.
 */
export declare function openLora(files: ModelFiles, path: string): Promise<Lora>;
/** A state dict with LoRAs merged into it, and the modules that have no place in this network. */
export interface Adapted {
    dict: StateDict;
    /** How many tensors are changed. */
    changed: number;
    unmatched: readonly string[];
}
/**
 * The same weights with LoRAs merged as each tensor is read, in float32; nothing is kept, so memory never holds two copies, and
 * without LoRAs the original bytes come back.
 * @throws EaselError `unsupported` naming the tensor where a factor does not fit the weight it would change.
 */
export declare function withLoras(dict: StateDict, network: AdaptedNetwork, uses: readonly LoraUse[]): Adapted;
export {};
