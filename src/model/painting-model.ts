import { withWords } from '../core/text/embedding-words';
import { AdaptableNetworks } from './adaptable';
import type { Checkpoint } from './checkpoint';
import { layerFromEnd } from './clip-skip';
import { buildAutoencoder } from './graph/autoencoder';
import { buildClipText } from './graph/clip-text';
import type { BuiltGraph, Dialect } from './graph/types';
import { buildUnet } from './graph/unet';
import { describe, factsOf } from './model-info';
import { decodeWith, encodeWith, type Posterior } from './runtime/autoencoder';
import { predictWith } from './runtime/denoiser';
import type { ChosenDevice } from './runtime/device';
import { createSession, type Session } from './runtime/session';
import { type EncodeText, encodeTextWith } from './runtime/text-encoder';
import type { ModelInfo, PaintingModel, Tokenizer, UnetInput } from './types';
import { bindWeights } from './weights/bind';
import { embeddingIds } from './weights/textual-inversion';

/** One vocabulary for all towers; what pads a window may differ. */
export interface Tokenizers {
  tokenizer: Tokenizer;
  /** SDXL's second tower pads with another token. */
  secondPad?: number;
}

/** A model's networks on their device, whoever built the graphs. Latents are in the autoencoder's own scale here. */
export interface RunningNetworks {
  textTowers: readonly TextTower[];
  predict(input: UnetInput): Promise<Float32Array>;
  decode(latent: Float32Array, height: number, width: number): Promise<Float32Array>;
  encode(image: Float32Array, height: number, width: number): Promise<Posterior>;
  /** As PaintingModel's; the words it gives back are the tokenizer's from then on. */
  adapt(adapters: Parameters<PaintingModel['adapt']>[0]): Promise<{
    unmatched: string[];
    words: ReadonlyMap<string, readonly number[]>;
  }>;
  release(): Promise<void>;
}

export interface TextTower {
  encode: EncodeText;
}

/**
 * A checkpoint's networks as graphs with their weights, on a device.
 * @param onBound called when every weight has its place, before the first session is created.
 */
export async function paintingModel(
  checkpoint: Checkpoint,
  tokenizers: Tokenizers,
  device: ChosenDevice,
  onBound: () => void,
): Promise<PaintingModel> {
  const { unet, textTowers, autoencoder, leftOver } = checkpoint;
  const operators = device.report.provider === 'webgpu' ? 'webgpu' : 'plain';
  const dialect: Dialect = { operators, precision: device.report.precision };
  // Stable Diffusion's autoencoders overflow in float16.
  const exact: Dialect = { operators, precision: 'float32' };
  const networks = new AdaptableNetworks(
    [
      ...textTowers.map(({ name, config, weights }, i) => ({
        id: TOWERS[i],
        name,
        weights,
        leftOver,
        build: (added: number) => buildClipText({ ...config, vocabulary: config.vocabulary + added }, dialect),
      })),
      { id: 'unet', name: unet.name, weights: unet.weights, leftOver, build: () => buildUnet(unet.config, dialect) },
    ],
    device,
  );
  const { decoder, encoder } = buildAutoencoder(autoencoder.config, exact);
  const vaeWeights = bindWeights([decoder, encoder], autoencoder.weights, autoencoder.name, leftOver);
  const strays = [...checkpoint.strays, ...networks.unused, ...vaeWeights.unused];
  const info = describe(checkpoint, factsOf(checkpoint), strayWarnings(strays));

  onBound();
  const sessions = new SessionSet();
  const open = (graph: BuiltGraph) => sessions.add(createSession(graph, vaeWeights, device));
  const release = async () => {
    await networks.release();
    await sessions.release();
  };
  try {
    await networks.start();
    const decode = decodeWith(await open(decoder));
    // Only img2img and inpainting encode, so this one waits until it is asked for.
    let encoding: Promise<Session> | undefined;
    const running: RunningNetworks = {
      textTowers: textTowers.map(({ config }, i) => ({
        encode: (ids, fromEnd) => encodeTextWith(networks.session(TOWERS[i]), config)(ids, fromEnd),
      })),
      predict: (input) => predictWith(networks.session('unet'))(input),
      decode,
      async encode(image, height, width) {
        encoding ??= open(encoder);
        return encodeWith(await encoding)(image, height, width);
      },
      async adapt(adapters) {
        const unmatched = await networks.adapt(adapters);
        return { unmatched, words: embeddingIds(adapters.embeddings, textTowers[0].config.vocabulary) };
      },
      release,
    };
    return assembled(info, tokenizers, device, running, autoencoder.config);
  } catch (error) {
    await release();
    throw error;
  }
}

const TOWERS = ['text_encoder', 'text_encoder_2'] as const;

/** The model that the pipeline calls, from networks that run: latents scaled, towers joined, runs counted. */
export function assembled(
  info: ModelInfo,
  { tokenizer, secondPad }: Tokenizers,
  device: ChosenDevice,
  networks: RunningNetworks,
  { scalingFactor, shiftFactor }: { scalingFactor: number; shiftFactor: number },
): PaintingModel {
  const runs = { textEncoder: 0, unet: 0, vaeDecoder: 0, vaeEncoder: 0 };
  let worded = tokenizer;
  return {
    info,
    device: device.report,
    get tokenizer() {
      return worded;
    },
    runs,
    async adapt(adapters) {
      const { unmatched, words } = await networks.adapt(adapters);
      worded = withWords(tokenizer, words);
      return unmatched;
    },
    async encodeText(ids, clipSkip = 1) {
      runs.textEncoder += networks.textTowers.length;
      const layer = layerFromEnd(info.family, clipSkip);
      return encodeWithTowers(networks.textTowers, ids, layer, tokenizer.eos, secondPad);
    },
    async predict(input) {
      runs.unet++;
      return networks.predict(input);
    },
    async decode(latent, height, width) {
      runs.vaeDecoder++;
      return networks.decode(
        Float32Array.from(latent, (z) => z / scalingFactor + shiftFactor),
        height,
        width,
      );
    },
    async encode(image, height, width) {
      runs.vaeEncoder++;
      const { mean, logvar } = await networks.encode(image, height, width);
      const spread = 2 * Math.log(scalingFactor);
      return {
        mean: mean.map((m) => (m - shiftFactor) * scalingFactor),
        logvar: logvar.map((l) => l + spread),
      };
    },
    dispose: () => networks.release(),
  };
}

/** A sentence that names stray keys, where there are any. */
function strayWarnings(keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  const named = keys.slice(0, 3).map((key) => `"${key}"`);
  const more = keys.length > named.length ? ` and ${keys.length - named.length} more` : '';
  return [`${named.join(', ')}${more} in the file have no place in the model and were left aside.`];
}

/** One tower: its hidden states after the final norm. Two (SDXL): both without it side by side, and the second's projected text. */
async function encodeWithTowers(
  [first, second]: readonly TextTower[],
  ids: Int32Array,
  layer: number,
  eos: number,
  secondPad: number | undefined,
): Promise<{ hidden: Float32Array; pooled: Float32Array }> {
  const one = await first.encode(ids, layer);
  if (!second) return { hidden: one.hidden, pooled: one.pooled };
  const two = await second.encode(padded(ids, eos, secondPad), layer);
  const [left, right] = [one, two].map(({ raw }) => raw.length / ids.length);
  const hidden = new Float32Array(ids.length * (left + right));
  for (let token = 0; token < ids.length; token++) {
    hidden.set(one.raw.subarray(token * left, (token + 1) * left), token * (left + right));
    hidden.set(two.raw.subarray(token * right, (token + 1) * right), token * (left + right) + left);
  }
  return { hidden, pooled: two.pooled };
}

/** The same window with everything after its end token filled with `pad`. */
function padded(ids: Int32Array, eos: number, pad: number | undefined): Int32Array {
  const end = ids.indexOf(eos);
  return pad === undefined || end < 0 ? ids : ids.map((id, i) => (i > end ? pad : id));
}

/** Sessions that are freed together, also those that are still being created. */
export class SessionSet {
  readonly #open: Promise<Session>[] = [];

  add(session: Promise<Session>): Promise<Session> {
    this.#open.push(session);
    return session;
  }

  async release(): Promise<void> {
    const settled = await Promise.allSettled(this.#open.splice(0));
    for (const outcome of settled) if (outcome.status === 'fulfilled') await outcome.value.release();
  }
}
