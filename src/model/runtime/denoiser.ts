import { concat } from '../../core/array';
import type { UnetConfig } from '../graph/config';
import type { DenoiserConfig } from '../graph/denoiser';
import { fourierFeatures, guidanceFeatures, timestepFeatures } from '../graph/timestep-features';
import type { Unet2dConfig } from '../graph/unet2d-config';
import type { Feed, Feeds, Session } from './session';

/** One call of the denoiser. */
export interface UnetInput {
  /** [batch, channels, height, width]. */
  sample: Float32Array;
  batch: number;
  height: number;
  width: number;
  /** Training timestep, may be fractional; a noise level for a network with Fourier features. */
  timestep: number;
  /** [batch, tokens, contextWidth]; empty for one that no text enters. */
  context: Float32Array;
  tokens: number;
  /** Where the network tells classes apart: one a picture. */
  labels?: Int32Array;
  /** Where the network has it (SDXL): the second tower's projected text, [batch, width]. */
  textEmbeds?: Float32Array;
  /**
   * Where the network has it (SDXL): original height and width, crop top and left, target height and width; [batch, 6].
   */
  timeIds?: Float32Array;
  /** Where the network has it (LCM): the guidance scale that it is to paint as if with. */
  guidance?: number;
}

/** Runs the graph of `buildDenoiser`: the network's raw output, eps or v or whatever it was trained for. */
export function predictWith(session: Session, config: DenoiserConfig): (input: UnetInput) => Promise<Float32Array> {
  const feedsOf = config.kind === 'unet2d' ? unet2dFeeds(config) : conditionedFeeds(session, config);
  return async (input) => {
    const { sample, batch, height, width } = input;
    const dims = [batch, sample.length / (batch * height * width), height, width];
    return (await session.run({ sample: { data: sample, dims }, ...feedsOf(input) })).out_sample;
  };
}

function unet2dFeeds({
  time,
  classes,
  channels: [first],
  timeChannels = first,
}: Unet2dConfig): (input: UnetInput) => Feeds {
  return ({ timestep, labels, batch }) => {
    const features =
      time.kind === 'fourier'
        ? fourierFeatures(timestep, time.frequencies)
        : timestepFeatures([timestep], timeChannels, time.cosineFirst, time.shift);
    return {
      timestep_features: rowsOf(features, 1),
      ...(time.kind === 'fourier' && { timestep: { data: Float32Array.of(timestep), dims: [1] } }),
      ...(classes !== undefined && { class_labels: { data: labels ?? new Int32Array(batch), dims: [batch] } }),
    };
  };
}

function conditionedFeeds(session: Session, config: UnetConfig): (input: UnetInput) => Feeds {
  const takesFeatures = session.inputs.some(({ name }) => name === 'timestep_features');
  return (input) => {
    const { batch, context, tokens, textEmbeds } = input;
    return {
      encoder_hidden_states: { data: context, dims: [batch, tokens, context.length / (batch * tokens)] },
      ...(textEmbeds && { text_embeds: rowsOf(textEmbeds, batch) }),
      ...(config.guidanceWidth && { timestep_cond: guidanceRows(input, config.guidanceWidth) }),
      ...(takesFeatures ? asFeatures(input, config) : asNumbers(input)),
    };
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
