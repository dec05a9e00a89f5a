import { concat } from '../../core/array';
import type { UnetConfig } from '../graph/config';
import { guidanceFeatures, timestepFeatures } from '../graph/timestep-features';
import type { Feed, Feeds, Session } from './session';

/** One call of the UNet. */
export interface UnetInput {
  /** [batch, channels, height, width]. */
  sample: Float32Array;
  batch: number;
  height: number;
  width: number;
  /** Training timestep, may be fractional. */
  timestep: number;
  /** [batch, tokens, contextWidth]. */
  context: Float32Array;
  tokens: number;
  /** Where the network has it (SDXL): the second tower's projected text, [batch, width]. */
  textEmbeds?: Float32Array;
  /**
   * Where the network has it (SDXL): original height and width, crop top and left, target height and width; [batch, 6].
   */
  timeIds?: Float32Array;
  /** Where the network has it (LCM): the guidance scale that it is to paint as if with. */
  guidance?: number;
}

/** Runs the graph of `buildUnet`: the network's raw output, eps or v or whatever it was trained for. */
export function predictWith(session: Session, config: UnetConfig): (input: UnetInput) => Promise<Float32Array> {
  const takesFeatures = session.inputs.some(({ name }) => name === 'timestep_features');
  return async (input) => {
    const { sample, batch, height, width, context, tokens, textEmbeds } = input;
    const out = await session.run({
      sample: { data: sample, dims: [batch, sample.length / (batch * height * width), height, width] },
      encoder_hidden_states: { data: context, dims: [batch, tokens, context.length / (batch * tokens)] },
      ...(textEmbeds && { text_embeds: rowsOf(textEmbeds, batch) }),
      ...(config.guidanceWidth && { timestep_cond: guidanceRows(input, config.guidanceWidth) }),
      ...(takesFeatures ? asFeatures(input, config) : asNumbers(input)),
    });
    return out.out_sample;
  };
}

const rowsOf = (data: Float32Array, rows: number) => ({ data, dims: [rows, data.length / rows] });

/** The guidance scale's features, a row for each of the batch; without guidance where none is given. */
export function guidanceRows({ guidance = 1, batch }: UnetInput, width: number): Feed {
  const features = guidanceFeatures(guidance, width);
  return rowsOf(concat(Array.from({ length: batch }, () => features)), batch);
}

function asNumbers({ timestep, timeIds, batch }: UnetInput): Feeds {
  const step = { timestep: { data: Float32Array.of(timestep), dims: [1] } };
  return timeIds ? { ...step, time_ids: rowsOf(timeIds, batch) } : step;
}

/** As graphs in the WebGPU dialect take timestep and sizes. */
function asFeatures({ timestep, timeIds, batch }: UnetInput, config: UnetConfig): Feeds {
  const { channels, cosineFirst, frequencyShift, textTime } = config;
  const features = (numbers: ArrayLike<number>, width: number, rows: number) =>
    rowsOf(timestepFeatures(numbers, width, cosineFirst, frequencyShift), rows);
  const step = { timestep_features: features([timestep], channels[0], 1) };
  return timeIds && textTime ? { ...step, size_features: features(timeIds, textTime.sizeWidth, batch) } : step;
}
