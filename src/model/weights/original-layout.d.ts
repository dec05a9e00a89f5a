import { type StateDict } from './state-dict';
/**
 * Single-file checkpoints keep the names of the code they were trained with (CompVis and Stability's `ldm` and `sgm`, OpenCLIP).
 * Here, and only here, they are rewritten to diffusers' and transformers'.
 */
/** The networks of one file, by the names the graphs use; absent where no key belongs to them. */
export interface OriginalNetworks {
    unet: StateDict;
    vae: StateDict;
    /** OpenAI's CLIP text tower (SD 1.x; SDXL's first). */
    clip: StateDict;
    /** OpenCLIP's text tower (SD 2.x; SDXL's second). */
    openClip: StateDict;
    /** Keys that no network has a place for. */
    strays: readonly string[];
}
/**
 * Sorts a file's keys to its networks and rewrites them. Nothing is read, nothing copied: OpenCLIP's fused query, key and value
 * become thirds of the file's bytes.
 * @throws EaselError `unsupported` where the file is none of the known layouts, `corrupt` where two keys stand for one.
 */
export declare function originalNetworks(dict: StateDict): OriginalNetworks;
/** An autoencoder that lies alone in a file, in the original layout, with or without its prefix; the rest is left out. */
export declare function originalVae(dict: StateDict): StateDict;
/**
 * A UNet module as kohya's scripts flatten it, dots as underscores -> diffusers' name flattened the same way:
 * `input_blocks_4_1_proj_in` -> `down_blocks_1_attentions_0_proj_in`. What is diffusers' already stays.
 */
export declare function diffusersUnetModule(flat: string): string;
