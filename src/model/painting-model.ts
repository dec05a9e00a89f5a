import { withWords } from '../core/text/embedding-words';
import { AdaptableNetworks } from './adaptable';
import type { Checkpoint } from './checkpoint';
import { buildAutoencoder } from './graph/autoencoder';
import { buildClipText } from './graph/clip-text';
import type { ClipTextConfig } from './graph/config';
import type { BuiltGraph, Dialect } from './graph/types';
import { buildUnet } from './graph/unet';
import { describe } from './model-info';
import { decodeWith, encodeWith } from './runtime/autoencoder';
import { predictWith } from './runtime/denoiser';
import type { ChosenDevice } from './runtime/device';
import { createSession, type Session } from './runtime/session';
import { encodeTextWith, type TextOutput } from './runtime/text-encoder';
import type { PaintingModel, Tokenizer } from './types';
import { type BoundWeights, bindWeights } from './weights/bind';
import { embeddingIds } from './weights/textual-inversion';

/** One vocabulary for all towers; what pads a window may differ. */
export interface Tokenizers {
  tokenizer: Tokenizer;
  /** SDXL's second tower pads with another token. */
  secondPad?: number;
}

/**
 * A checkpoint's networks as graphs with their weights, on a device.
 * @param onBound called when every weight has its place, before the first session is created.
 */
export async function paintingModel(
  checkpoint: Checkpoint,
  { tokenizer, secondPad }: Tokenizers,
  device: ChosenDevice,
  onBound: () => void,
): Promise<PaintingModel> {
  const { unet, textTowers, autoencoder } = checkpoint;
  const operators = device.report.provider === 'webgpu' ? 'webgpu' : 'plain';
  const dialect: Dialect = { operators, precision: device.report.precision };
  // Stable Diffusion's autoencoders overflow in float16.
  const exact: Dialect = { operators, precision: 'float32' };
  const { leftOver } = checkpoint;
  const networks = new AdaptableNetworks(
    [
      ...textTowers.map(({ name, config, weights }, i) => ({
        id: i === 0 ? ('text_encoder' as const) : ('text_encoder_2' as const),
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
  const info = describe(checkpoint, strayWarnings([...checkpoint.strays, ...networks.unused, ...vaeWeights.unused]));

  onBound();
  const sessions = new SessionSet(device);
  const release = async () => {
    await networks.release();
    await sessions.release();
  };
  try {
    await networks.start();
    const towers = textTowers.map(({ config }, i): TextTower => {
      const session = () => networks.session(i === 0 ? 'text_encoder' : 'text_encoder_2');
      return { config, encode: (ids) => encodeTextWith(session(), config)(ids) };
    });
    const decode = decodeWith(await sessions.open(decoder, vaeWeights));
    let words: ReadonlyMap<string, readonly number[]> = new Map();
    // Only img2img and inpainting encode, so this one waits until it is asked for.
    let encoding: Promise<Session> | undefined;
    const runs = { textEncoder: 0, unet: 0, vaeDecoder: 0, vaeEncoder: 0 };
    const { scalingFactor, shiftFactor } = autoencoder.config;
    return {
      info,
      device: device.report,
      get tokenizer() {
        return withWords(tokenizer, words);
      },
      runs,
      async adapt(adapters) {
        const unmatched = await networks.adapt(adapters);
        words = embeddingIds(adapters.embeddings, textTowers[0].config.vocabulary);
        return unmatched;
      },
      async encodeText(ids) {
        runs.textEncoder += towers.length;
        return encodeWithTowers(towers, ids, tokenizer.eos, secondPad);
      },
      async predict(input) {
        runs.unet++;
        return predictWith(networks.session('unet'))(input);
      },
      async decode(latent, height, width) {
        runs.vaeDecoder++;
        return decode(
          Float32Array.from(latent, (z) => z / scalingFactor + shiftFactor),
          height,
          width,
        );
      },
      async encode(image, height, width) {
        runs.vaeEncoder++;
        encoding ??= sessions.open(encoder, vaeWeights);
        const { mean, logvar } = await encodeWith(await encoding)(image, height, width);
        const spread = 2 * Math.log(scalingFactor);
        return {
          mean: mean.map((m) => (m - shiftFactor) * scalingFactor),
          logvar: logvar.map((l) => l + spread),
        };
      },
      dispose: release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** A sentence that names stray keys, where there are any. */
function strayWarnings(keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  const named = keys.slice(0, 3).map((key) => `"${key}"`);
  const more = keys.length > named.length ? ` and ${keys.length - named.length} more` : '';
  return [`${named.join(', ')}${more} in the file have no place in the model and were left aside.`];
}

interface TextTower {
  config: ClipTextConfig;
  encode(ids: Int32Array): Promise<TextOutput>;
}

/** One tower: its last hidden states. Two (SDXL): their last layers but one side by side, and the second's projected text. */
async function encodeWithTowers(
  [first, second]: readonly TextTower[],
  ids: Int32Array,
  eos: number,
  secondPad: number | undefined,
): Promise<{ hidden: Float32Array; pooled: Float32Array }> {
  const one = await first.encode(ids);
  if (!second) return { hidden: one.hidden, pooled: one.pooled };
  const two = await second.encode(padded(ids, eos, secondPad));
  const [left, right] = [first.config.width, second.config.width];
  const hidden = new Float32Array(ids.length * (left + right));
  for (let token = 0; token < ids.length; token++) {
    hidden.set(one.penultimate.subarray(token * left, (token + 1) * left), token * (left + right));
    hidden.set(two.penultimate.subarray(token * right, (token + 1) * right), token * (left + right) + left);
  }
  return { hidden, pooled: two.pooled };
}

/** The same window with everything after its end token filled with `pad`. */
function padded(ids: Int32Array, eos: number, pad: number | undefined): Int32Array {
  const end = ids.indexOf(eos);
  return pad === undefined || end < 0 ? ids : ids.map((id, i) => (i > end ? pad : id));
}

/** The sessions of one model, freed together. */
class SessionSet {
  readonly #open: Promise<Session>[] = [];
  constructor(readonly device: ChosenDevice) {}

  open(graph: BuiltGraph, weights: BoundWeights): Promise<Session> {
    const session = createSession(graph, weights, this.device);
    this.#open.push(session);
    return session;
  }

  async release(): Promise<void> {
    const settled = await Promise.allSettled(this.#open.splice(0));
    for (const outcome of settled) if (outcome.status === 'fulfilled') await outcome.value.release();
  }
}
