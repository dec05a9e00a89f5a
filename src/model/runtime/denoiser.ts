import type { UnetInput } from '../types';
import type { Session } from './session';

/** Runs the graph of `buildUnet`: the network's raw output, eps or v or whatever it was trained for. */
export function predictWith(session: Session): (input: UnetInput) => Promise<Float32Array> {
  return async ({ sample, batch, height, width, timestep, context, tokens, textEmbeds, timeIds }) => {
    const out = await session.run({
      ...(textEmbeds && { text_embeds: { data: textEmbeds, dims: [batch, textEmbeds.length / batch] } }),
      ...(timeIds && { time_ids: { data: timeIds, dims: [batch, timeIds.length / batch] } }),
      sample: { data: sample, dims: [batch, sample.length / (batch * height * width), height, width] },
      timestep: { data: Float32Array.of(timestep), dims: [1] },
      encoder_hidden_states: { data: context, dims: [batch, tokens, context.length / (batch * tokens)] },
    });
    return out.out_sample;
  };
}
