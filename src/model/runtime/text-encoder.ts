import { eosPosition } from '../graph/clip-text';
import type { ClipTextConfig } from '../graph/config';
import type { Session } from './session';

interface TextOutput {
  /** [77, width]: the output of the layer that was asked for, after the final norm. */
  hidden: Float32Array;
  /** The same without the final norm. */
  raw: Float32Array;
  /** [width], or as wide as the projection; always of the last layer. */
  pooled: Float32Array;
}

/** Runs a text tower on one window of 77 tokens; `fromEnd` says whose layer's output is wanted, 1 the last one's. */
export type EncodeText = (ids: Int32Array, fromEnd: number) => Promise<TextOutput>;

/** Runs the graph of `buildClipText`. */
export function encodeTextWith(session: Session, config: ClipTextConfig): EncodeText {
  return async (ids, fromEnd) => {
    const out = await session.run({
      input_ids: { data: ids, dims: [1, ids.length] },
      eos_position: { data: Int32Array.of(eosPosition(ids, config)), dims: [1] },
      layer: { data: Int32Array.of(config.layers + 1 - fromEnd), dims: [1] },
    });
    return { hidden: out.hidden, raw: out.raw, pooled: out.pooled };
  };
}
