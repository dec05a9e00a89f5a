/**
 * Names that older or newer versions of the libraries gave to the same tensors, rewritten to the ones the graphs use.
 */

const OLD_ATTENTION: Readonly<Record<string, string>> = {
  query: 'to_q',
  key: 'to_k',
  value: 'to_v',
  proj_attn: 'to_out.0',
};

/**
 * AutoencoderKL and UNet2DModel: before diffusers 0.18 a map's attention to itself was `query`, `key`, `value`,
 * `proj_attn`.
 */
export function attentionName(key: string): string {
  return key.replace(
    /(\.attentions\.\d+\.)(query|key|value|proj_attn)\.(weight|bias)$/,
    (_, block: string, part: string, kind: string) => `${block}${OLD_ATTENTION[part]}.${kind}`,
  );
}

/** CLIP text tower: some versions of transformers save it without the outer `text_model.`. */
export function textTowerName(key: string): string {
  return /^(embeddings|encoder|final_layer_norm)\./.test(key) ? `text_model.${key}` : key;
}
