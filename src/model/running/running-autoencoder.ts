import type { Latent } from '../../core/diffusion/types';
import { EaselError, type Said, said } from '../../core/errors';
import { SMALL_TILE } from '../../core/memory-need';
import { buildDecoder, buildEncoder } from '../graph/autoencoder';
import { type AutoencoderConfig, hasEncoder, type LatentFormat } from '../graph/autoencoder-config';
import type { BuiltGraph } from '../graph/types';
import type { Network } from '../layouts/network';
import { decodeWith, encodeWith, type Posterior } from '../runtime/autoencoder';
import type { ChosenDevice } from '../runtime/device';
import { createSession } from '../runtime/session';
import { bindWeights } from '../weights/bind';
import type { Precision } from '../weights/dtypes';
import { finiteRuns } from './half';
import { hasOwnConvolutions } from './memory';
import { SessionGroup } from './session-group';
import { decodeTiled, largestTile } from './tiles';
import { Turns } from './turns';

/** An autoencoder on its device. Latents are in the UNet's scale. */
export interface RunningAutoencoder {
  /** A latent [channels, h, w] -> RGB planes [3, 8h, 8w], about -1..1. */
  decode(latent: Latent, height: number, width: number, signal?: AbortSignal): Promise<Float32Array>;
  /** RGB planes -1..1 [3, h, w] -> the posterior's mean and log variance. */
  encode(image: Float32Array, height: number, width: number): Promise<Posterior>;
  /** Frees its sessions; they start again when they are needed. */
  release(): Promise<void>;
  /** Sentences on how it ran since it was last asked, for the person. */
  takeNotes?(): Said[];
}

/** One whose latents are in its own scale, in the UNet's. */
export function inUnetScale(
  own: Pick<RunningAutoencoder, 'encode' | 'release' | 'takeNotes'> & {
    decode(latent: Float32Array, height: number, width: number, signal?: AbortSignal): Promise<Float32Array>;
  },
  format: LatentFormat,
): RunningAutoencoder {
  return {
    decode(latent, height, width, signal) {
      const channel = channels(format, height * width);
      const inOwn = (z: number, i: number) => z / channel(i).scale + channel(i).shift;
      return own.decode(Float32Array.from(latent, inOwn), height, width, signal);
    },
    async encode(image, height, width) {
      const { mean, logvar } = await own.encode(image, height, width);
      const channel = channels(format, mean.length / channelCount(format));
      return {
        mean: mean.map((m, i) => (m - channel(i).shift) * channel(i).scale),
        logvar: logvar.map((l, i) => l + 2 * Math.log(channel(i).scale)),
      };
    },
    release: () => own.release(),
    takeNotes: () => own.takeNotes?.() ?? [],
  };
}

/** How many channels are normalised on their own; one stands for all. */
const channelCount = ({ latentsMean, latentsStd }: LatentFormat) => (latentsMean ?? latentsStd)?.length ?? 1;

/** What each element of a latent is scaled and shifted by, its channels of `cells` one after the other. */
function channels(format: LatentFormat, cells: number): (element: number) => { scale: number; shift: number } {
  const { scalingFactor, shiftFactor, latentsMean, latentsStd } = format;
  const each = Array.from({ length: channelCount(format) }, (_, c) => ({
    scale: scalingFactor / (latentsStd?.[c] ?? 1),
    shift: shiftFactor + (latentsMean?.[c] ?? 0),
  }));
  return (element) => each[Math.floor(element / cells) % each.length];
}

/** An autoencoder whose weights have found their places. */
export interface BoundAutoencoder {
  /** Tensors that its graphs have no place for. */
  unused: readonly string[];
  decoder: BuiltGraph;
  precision: Precision;
  running: RunningAutoencoder;
  /** Starts the decoder, so that a device which cannot hold it says so now. */
  start(signal?: AbortSignal): Promise<void>;
}

const noEncoder = (name: string) =>
  new EaselError('unsupported', said`${name} is a decoder alone. Choose a whole VAE to paint from pictures.`);

/**
 * Builds the graphs of an autoencoder and binds its weights; a session starts when it is first needed, the encoder's
 * only for img2img and inpainting.
 * @param turns with the model's other networks
 * @throws EaselError `corrupt` naming a tensor that is missing, of the wrong shape, or (with `onUnused: 'error'`)
 * left over.
 */
export function bindAutoencoder(
  { name, config, weights }: Network<AutoencoderConfig>,
  device: ChosenDevice,
  onUnused: 'error' | 'warn',
  turns = new Turns(),
): BoundAutoencoder {
  const bindIn = (precision: Precision) => {
    const { decoder, encoder } = buildGraphs(config, device, precision);
    const graphs = encoder ? [decoder, encoder] : [decoder];
    return { precision, decoder, encoder, bound: bindWeights(graphs, weights, name, onUnused) };
  };
  const first = bindIn(runsInHalf(config, device) ? 'float16' : 'float32');
  let used = first;
  const largest = largestTile(config, device);
  const side = () => (turns.plan === 'in-turn-tiled' ? Math.min(largest, SMALL_TILE) : largest);
  const notes: Said[] = [];
  const sessions = new SessionGroup<BuiltGraph>(
    (graph, context, signal) => createSession(graph, used.bound, context, { signal }),
    device,
    turns,
    true,
  );
  const finite = finiteRuns(name, {
    precision: () => used.precision,
    async toFloat32() {
      await sessions.release();
      used = bindIn('float32');
    },
    tell: (note) => void notes.push(note),
  });
  const own = {
    decode: (latent: Float32Array, height: number, width: number, signal?: AbortSignal) =>
      finite(
        async () => {
          const decode = decodeWith(await sessions.session(used.decoder));
          return decodeTiled(decode, latent, { height, width, side: side() }, signal);
        },
        (picture) => picture,
      ),
    encode: (image: Float32Array, height: number, width: number) =>
      finite(
        async () => {
          if (used.encoder) return encodeWith(await sessions.session(used.encoder))(image, height, width);
          throw noEncoder(name);
        },
        ({ mean }) => mean,
      ),
    release: () => sessions.release(),
    takeNotes: () => notes.splice(0),
  };
  return {
    unused: first.bound.unused,
    decoder: first.decoder,
    precision: first.precision,
    running: inUnetScale(own, config),
    start: async (signal) => void (await sessions.session(used.decoder, signal)),
  };
}

function buildGraphs(config: AutoencoderConfig, { report }: ChosenDevice, precision: Precision) {
  const dialect = { operators: report.provider === 'webgpu' ? 'webgpu' : 'plain', precision } as const;
  return {
    decoder: buildDecoder(config, dialect),
    encoder: hasEncoder(config) ? buildEncoder(config, dialect) : undefined,
  };
}

/**
 * Whether an autoencoder runs in float16 until that overflows: where our kernels add up in float32. A codebook's
 * nearest entries are too near to each other, and a tiny autoencoder gains nothing.
 */
const runsInHalf = ({ kind }: AutoencoderConfig, { report }: ChosenDevice): boolean =>
  kind === 'kl' && report.precision === 'float16' && hasOwnConvolutions(report);
