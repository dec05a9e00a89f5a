import { concat } from '../../core/array';
import { EaselError, said } from '../../core/errors';
import type { TensorSpec } from '../graph/types';
import { LOGVAR_RANGE } from '../graph/vae';
import type { Posterior } from './autoencoder';
import { guidanceRows, type UnetInput } from './denoiser';
import type { Feed, InputData, Session } from './session';
import type { EncodeText } from './text-encoder';

/**
 * Networks that others exported to ONNX (Optimum's layout and its relatives): what they are fed is read from the graph,
 * since exporters differ in names, types, ranks and fixed dimensions.
 */

/** Rows [from, to) of a batch. */
const rows = <T extends InputData>(data: T, batch: number, from: number, to: number): T =>
  data.slice((data.length / batch) * from, (data.length / batch) * to) as T;

/**
 * Runs a batch in one go, or where the graph fixes its batch size in as many as it takes, the last one filled up with
 * copies.
 * @param feedsOf what the items [from, to) of the batch are fed
 */
async function inBatches(
  session: Session,
  batch: number,
  feedsOf: (from: number, to: number) => Record<string, Feed>,
): Promise<Record<string, Float32Array>> {
  const main = session.inputs.reduce((a, b) => (b.dims.length > a.dims.length ? b : a));
  const fixed = main.dims[0];
  if (typeof fixed !== 'number' || fixed === batch) return session.run(feedsOf(0, batch));
  const parts: Record<string, Float32Array>[] = [];
  for (let from = 0; from < batch; from += fixed) {
    const to = Math.min(batch, from + fixed);
    const feeds = Object.entries(feedsOf(from, to)).map(
      ([name, feed]) => [name, filled(feed, to - from, fixed)] as const,
    );
    const out = await session.run(Object.fromEntries(feeds));
    parts.push(Object.fromEntries(Object.entries(out).map(([name, data]) => [name, rows(data, fixed, 0, to - from)])));
  }
  return Object.fromEntries(Object.keys(parts[0]).map((name) => [name, concat(parts.map((part) => part[name]))]));
}

/** The items of a feed over and over until there are `count`; what is no batch (a timestep) stays. */
function filled(feed: Feed, items: number, count: number): Feed {
  if (items === count || feed.dims.length < 2) return feed;
  const data =
    feed.data instanceof Int32Array
      ? new Int32Array((feed.data.length / items) * count)
      : new Float32Array((feed.data.length / items) * count);
  for (let i = 0; i < data.length; i++) data[i] = feed.data[i % feed.data.length];
  return { data, dims: [count, ...feed.dims.slice(1)] };
}

type UnetRole = 'sample' | 'timestep' | 'context' | 'textEmbeds' | 'timeIds' | 'guidance';

/** What a UNet's input is for: by its usual name, else by its rank, which no two share. */
function unetRole({ name, dims }: TensorSpec): UnetRole {
  if (name === 'text_embeds') return 'textEmbeds';
  if (name === 'time_ids') return 'timeIds';
  if (name === 'timestep_cond' && typeof dims[1] === 'number') return 'guidance';
  if (dims.length === 4) return 'sample';
  if (dims.length === 3) return 'context';
  if (dims.length < 2) return 'timestep';
  throw new EaselError(
    'unsupported',
    said`The UNet of this pack asks for "${name}" of [${dims.join(', ')}], which Easel cannot give it.`,
  );
}

/** One number, one in a list, or one for each item. */
function timestepFeed({ dims }: TensorSpec, timestep: number, items: number): Feed {
  const [side] = dims;
  const count = typeof side === 'number' ? side : side?.includes('batch') ? items : 1;
  return { data: new Float32Array(count).fill(timestep), dims: dims.length === 0 ? [] : [count] };
}

/** A pack's UNet as `predictWith` runs ours. */
export function predictWithPack(session: Session): (input: UnetInput) => Promise<Float32Array> {
  const roles = session.inputs.map((spec) => [spec, unetRole(spec)] as const);
  const [output] = session.outputs;
  return async (input) => {
    const { sample, batch, height, width, timestep, context, tokens } = input;
    const given = (name: string, data: Float32Array | undefined) => {
      if (data) return data;
      throw new EaselError('internal', said`The UNet of this pack was not given its "${name}".`);
    };
    const feed = (spec: TensorSpec, role: UnetRole, from: number, to: number): Feed => {
      const vectors = (data: Float32Array): Feed => ({
        data: rows(data, batch, from, to),
        dims: [to - from, data.length / batch],
      });
      switch (role) {
        case 'sample': {
          const data = rows(sample, batch, from, to);
          return { data, dims: [to - from, data.length / ((to - from) * height * width), height, width] };
        }
        case 'context': {
          const data = rows(context, batch, from, to);
          return { data, dims: [to - from, tokens, data.length / ((to - from) * tokens)] };
        }
        case 'timestep':
          return timestepFeed(spec, timestep, to - from);
        case 'textEmbeds':
          return vectors(given(spec.name, input.textEmbeds));
        case 'timeIds':
          return vectors(given(spec.name, input.timeIds));
        case 'guidance':
          return guidanceRows({ ...input, batch: to - from }, spec.dims[1] as number);
        default:
          role satisfies never;
          throw new EaselError('internal', said`Unknown input "${String(role)}".`);
      }
    };
    const out = await inBatches(session, batch, (from, to) =>
      Object.fromEntries(roles.map(([spec, role]) => [spec.name, feed(spec, role, from, to)])),
    );
    return out[output.name];
  };
}

/** A pack's outputs that are layers without the final norm, the last layer's first. */
export function layerOutputs(session: Session): string[] {
  const layerOf = (name: string) => Number(/^hidden_states\.(\d+)$/.exec(name)?.[1] ?? -1);
  const names = session.outputs.map(({ name }) => name).filter((name) => layerOf(name) >= 0);
  return names.sort((a, b) => layerOf(b) - layerOf(a));
}

/**
 * A pack's text tower as `encodeTextWith` runs ours; what the graph does not give is empty. The final norm it has for
 * the last layer only.
 */
export function encodeTextWithPack(session: Session): EncodeText {
  const names = session.outputs.map(({ name }) => name);
  const layers = layerOutputs(session);
  const pooled = names.find((name) => name === 'text_embeds') ?? names.find((name) => name === 'pooler_output');
  return async (ids, fromEnd) => {
    const raw = layers[fromEnd - 1] ?? layers[0];
    const out = await inBatches(session, 1, () =>
      Object.fromEntries(
        session.inputs.map(({ name }): [string, Feed] => {
          const data = name === 'attention_mask' ? new Int32Array(ids.length).fill(1) : ids;
          return [name, { data, dims: [1, ids.length] }];
        }),
      ),
    );
    const empty = new Float32Array(0);
    return {
      hidden: out.last_hidden_state ?? empty,
      raw: raw === undefined ? empty : out[raw],
      pooled: pooled === undefined ? empty : out[pooled],
    };
  };
}

/** A pack's decoder as `decodeWith` runs ours. */
export function decodeWithPack(session: Session) {
  const [[input], [output]] = [session.inputs, session.outputs];
  return async (latent: Float32Array, height: number, width: number): Promise<Float32Array> => {
    const dims = [1, latent.length / (height * width), height, width];
    return (await inBatches(session, 1, () => ({ [input.name]: { data: latent, dims } })))[output.name];
  };
}

/**
 * A pack's encoder as `encodeWith` runs ours: the posterior's parameters, or where it gives latents outright no spread.
 */
export function encodeWithPack(session: Session, latentChannels: number) {
  const [[input], [output]] = [session.inputs, session.outputs];
  return async (image: Float32Array, height: number, width: number): Promise<Posterior> => {
    const dims = [1, image.length / (height * width), height, width];
    const moments = (await inBatches(session, 1, () => ({ [input.name]: { data: image, dims } })))[output.name];
    if (output.dims[1] === latentChannels) {
      return { mean: moments, logvar: new Float32Array(moments.length).fill(Number.NEGATIVE_INFINITY) };
    }
    const half = moments.length / 2;
    const [least, most] = LOGVAR_RANGE;
    return { mean: moments.slice(0, half), logvar: moments.slice(half).map((v) => Math.min(most, Math.max(least, v))) };
  };
}
