import { attention } from './attention';
import { GraphBuilder, type Value } from './builder';
import { type ClipTextConfig, WINDOW } from './config';
import { gelu, layerNorm, linear, quickGelu, toFloat32 } from './layers';
import type { BuiltGraph, Dialect } from './types';

/**
 * transformers' CLIPTextModel for one window: input_ids [1, 77], eos_position [1] and layer [1], the number of layers
 * that are gone through -> hidden (that layer's output after the final norm), raw (the same without it), pooled (the
 * last layer's at eos_position, after the norm; projected, where the tower has a projection).
 */
export function buildClipText(config: ClipTextConfig, dialect: Dialect): BuiltGraph {
  const g = GraphBuilder.create('text_encoder', dialect);
  const { width, layers, vocabulary, positions, epsilon, projection } = config;
  const ids = g.input('input_ids', 'int32', [1, WINDOW]);
  const eosPosition = g.input('eos_position', 'int32', [1]);
  const wanted = g.input('layer', 'int32', [1]);
  const model = g.scope('text_model');
  const embeddings = model.scope('embeddings');
  const tokens = g.node('Gather', [embeddings.weight('token_embedding.weight', [vocabulary, width]), ids]);
  const table = embeddings.weight('position_embedding.weight', [positions, width]);
  const first = g.node('Slice', [
    table,
    g.constant('int64', [0]),
    g.constant('int64', [WINDOW]),
    g.constant('int64', [0]),
  ]);
  let x = g.node('Add', [tokens, first]);
  let raw = x;
  for (let i = 0; i < layers; i++) {
    x = layer(model.scope(`encoder.layers.${i}`), x, config);
    // One choice a layer: a kernel that took all layers at once would bind more buffers than a graphics card allows.
    raw = g.node('Where', [g.node('Equal', [wanted, g.constant('int32', [i + 1])]), x, raw]);
  }
  const last = g.node('Gather', [x, eosPosition], { attributes: { axis: 1 } });
  const both = g.node('Concat', [raw, last], { attributes: { axis: 1 } });
  const normal = layerNorm(model.scope('final_layer_norm'), both, width, epsilon);
  const [hidden, end] = g.nodes('Split', [normal, g.constant('int64', [WINDOW, 1])], 2, { attributes: { axis: 1 } });
  let pooled = g.node('Reshape', [end, g.constant('int64', [1, width])]);
  if (projection !== undefined) pooled = linear(g.scope('text_projection'), pooled, width, projection, { bias: false });
  g.output('hidden', toFloat32(g, hidden), [1, WINDOW, width]);
  g.output('raw', toFloat32(g, raw), [1, WINDOW, width]);
  g.output('pooled', toFloat32(g, pooled), [1, projection ?? width]);
  return g.finish();
}

/** Scores of later tokens: low enough to vanish in a softmax, and finite in float16. */
const MASKED = -1e4;

function layer(g: GraphBuilder, x: Value, { width, heads, intermediate, activation, epsilon }: ClipTextConfig): Value {
  const normal = layerNorm(g.scope('layer_norm1'), x, width, epsilon);
  const self = g.scope('self_attn');
  const [query, key, value] = ['q_proj', 'k_proj', 'v_proj'].map((name) =>
    linear(self.scope(name), normal, width, width),
  );
  const causal = Array.from({ length: WINDOW * WINDOW }, (_, i) => (i % WINDOW > Math.floor(i / WINDOW) ? MASKED : 0));
  const mask = g.constant(g.dialect.precision, causal, [1, 1, WINDOW, WINDOW]);
  x = g.node('Add', [
    x,
    linear(self.scope('out_proj'), attention(g, query, key, value, heads, { bias: mask }), width, width),
  ]);
  const mlp = g.scope('mlp');
  const hidden = linear(mlp.scope('fc1'), layerNorm(g.scope('layer_norm2'), x, width, epsilon), width, intermediate);
  const active = activation === 'gelu' ? gelu(g, hidden) : quickGelu(g, hidden);
  return g.node('Add', [x, linear(mlp.scope('fc2'), active, intermediate, width)]);
}

/**
 * Where the pooled output is taken: the first end token; for configurations that state 2 as its id, written before
 * transformers knew better, the highest id of the tower's own vocabulary (which is the end token's; added words have
 * higher ones).
 */
export function eosPosition(ids: Int32Array, { eos, vocabulary }: ClipTextConfig): number {
  const at = eos === 2 ? ids.indexOf(Math.max(...ids.filter((id) => id < vocabulary))) : ids.indexOf(eos);
  return Math.max(0, at);
}
