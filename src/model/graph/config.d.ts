import { type Json } from './config-reader';
/** Tokens of a window that a text tower reads at a time; CLIP's position table may be longer. */
export declare const WINDOW = 77;
export interface ClipTextConfig {
    vocabulary: number;
    width: number;
    intermediate: number;
    layers: number;
    heads: number;
    positions: number;
    activation: 'quick_gelu' | 'gelu';
    epsilon: number;
    /** Token whose position gives the pooled output. */
    eos: number;
    /** Width of the projected output; undefined for a tower without projection. */
    projection?: number;
}
export interface UnetConfig {
    inChannels: number;
    outChannels: number;
    /** Latent side the model was trained at, where stated. */
    sampleSize?: number;
    channels: readonly number[];
    downAttention: readonly boolean[];
    upAttention: readonly boolean[];
    /** ResNet blocks per level (one more on the way up). */
    layers: readonly number[];
    /** Attention heads per level. */
    heads: readonly number[];
    /** Transformer blocks per attention, per level. */
    depths: readonly number[];
    crossAttentionDim: number;
    groups: number;
    epsilon: number;
    linearProjection: boolean;
    /** Attention scores in float32 whatever the dialect: SD 2.x overflows float16. */
    upcastAttention: boolean;
    /** SDXL's second conditioning: the pooled text and six sizes, through an embedding added to the timestep's. */
    textTime?: {
        sizeWidth: number;
        inputWidth: number;
    };
    cosineFirst: boolean;
    frequencyShift: number;
}
/** Checks text_encoder/config.json (transformers' CLIPTextConfig). */
export declare function parseClipTextConfig(json: Json, file?: string): ClipTextConfig;
/** Checks unet/config.json (diffusers' UNet2DConditionModel). */
export declare function parseUnetConfig(json: Json, file?: string): UnetConfig;
