import { eosPosition } from '../graph/clip-text';
import type { ClipTextConfig } from '../graph/config';
import type { Session } from './session';

export interface TextOutput {
  /** [77, width], after the final norm. */
  hidden: Float32Array;
  /** [77, width], the last layer but one, without the final norm. */
  penultimate: Float32Array;
  /** [width], or as wide as the projection. */
  pooled: Float32Array;
}

/** Runs the graph of `buildClipText` on one window of 77 tokens. */
export function encodeTextWith(session: Session, config: ClipTextConfig): (ids: Int32Array) => Promise<TextOutput> {
  return async (ids) => {
    const out = await session.run({
      input_ids: { data: ids, dims: [1, ids.length] },
      eos_position: { data: Int32Array.of(eosPosition(ids, config)), dims: [1] },
    });
    return { hidden: out.last_hidden_state, penultimate: out.penultimate, pooled: out.pooled };
  };
}
