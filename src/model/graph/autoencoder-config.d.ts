import { type Json } from './config-reader';
/** What both convolutional autoencoders of diffusers share. */
interface ConvolutionalConfig {
    inChannels: number;
    outChannels: number;
    latentChannels: number;
    channels: readonly number[];
    layers: number;
    groups: number;
    midAttention: boolean;
    scalingFactor: number;
    shiftFactor: number;
}
/** AutoencoderKL: the encoder gives a normal distribution over latents (Rombach et al. 2022, section 3.1). */
export interface KlConfig extends ConvolutionalConfig {
    kind: 'kl';
    quantConv: boolean;
    postQuantConv: boolean;
}
/** VQModel: latents are snapped to the nearest entry of a codebook before they are decoded (Esser et al. 2021). */
export interface VqConfig extends ConvolutionalConfig {
    kind: 'vq';
    entries: number;
    entryWidth: number;
}
/** AutoencoderTiny: TAESD, small enough to decode every step (https://github.com/madebyollin/taesd). */
export interface TinyConfig {
    kind: 'tiny';
    inChannels: number;
    outChannels: number;
    latentChannels: number;
    encoderChannels: readonly number[];
    decoderChannels: readonly number[];
    /** Blocks per level, in the order they run. */
    encoderBlocks: readonly number[];
    decoderBlocks: readonly number[];
    scalingFactor: number;
    shiftFactor: number;
}
export type AutoencoderConfig = KlConfig | VqConfig | TinyConfig;
/** Checks vae/config.json: an AutoencoderKL, a VQModel or an AutoencoderTiny. */
export declare function parseAutoencoderConfig(json: Json, file?: string): AutoencoderConfig;
/** Image pixels per latent cell, along one side. */
export declare function latentScaleOf(config: AutoencoderConfig): number;
export {};
