/** Names that older or newer versions of the libraries gave to the same tensors, rewritten to the ones the graphs use. */
/** AutoencoderKL: before diffusers 0.18 the middle block's attention was `query`, `key`, `value`, `proj_attn`. */
export declare function autoencoderName(key: string): string;
/** CLIP text tower: some versions of transformers save it without the outer `text_model.`. */
export declare function textTowerName(key: string): string;
