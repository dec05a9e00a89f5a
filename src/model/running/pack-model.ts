import { EaselError } from '../../core/errors';
import { architectureFor } from '../architectures/index';
import { stopIfCancelled } from '../cancellation';
import { openScheduler } from '../layouts/diffusers-folder';
import type { PredictionType } from '../layouts/facts';
import { hasTwoTowers, packFacts, packLatents } from '../layouts/onnx-pack';
import type { ChosenDevice } from '../runtime/device';
import { gpuContext } from '../runtime/gpu-context';
import {
  decodeWithPack,
  encodeTextWithPack,
  encodeWithPack,
  layerOutputs,
  predictWithPack,
} from '../runtime/pack-networks';
import { createPackSession, type Session } from '../runtime/session';
import type { ModelFiles } from '../weights/model-files';
import type { Adapters } from './adaptable';
import { describe } from './model-info';
import {
  createPaintingModel,
  formatByChannel,
  type PaintingModel,
  type RunningNetworks,
  type Tokenizers,
} from './painting-model';
import { inUnetScale } from './running-autoencoder';

/** Of latents, for graphs that leave them free. */
const USUAL_CHANNELS = 4;

/**
 * Opens an ONNX pack in Optimum's layout: `unet`, `text_encoder` (and `text_encoder_2`), `vae_decoder` and
 * `vae_encoder`, each with its `model.onnx` and external data. It runs as it was exported: no LoRA, no embedding, no
 * other precision.
 * @throws EaselError `corrupt` naming a missing part; `unsupported` naming an input or operator that cannot be served.
 */
export async function packModel(
  files: ModelFiles,
  tokenizers: Tokenizers,
  device: ChosenDevice,
  onRead: () => void,
  { prediction, signal }: { prediction?: PredictionType; signal?: AbortSignal } = {},
): Promise<PaintingModel> {
  const sessions = new SessionSet();
  const stated = await openScheduler(files);
  const scheduler = { ...stated, prediction_type: prediction ?? stated.prediction_type };
  onRead();
  try {
    const { text, unet, decoder, openEncoder } = await openGraphs(files, device, sessions, signal);
    const facts = packFacts(unet.inputs, decoder.inputs, USUAL_CHANNELS, scheduler._class_name);
    const { denoiser, latentChannels, latentSide } = facts;
    const architecture = architectureFor(denoiser, `"${files.name}"`);
    const { scale: latentScale, scaling: usual } = architecture.latent;
    const config = {
      denoiser,
      scheduler,
      predictionType: scheduler.prediction_type,
      textLayers: text.map((tower) => readableLayers(tower, text.length)),
      trainedSide: latentSide === undefined ? undefined : latentSide * latentScale,
    };
    const own = packAutoencoder(decoder, openEncoder, latentChannels);
    const format = await packLatents(files, latentChannels, usual);
    const autoencoder = inUnetScale(own, format);
    const model = { name: files.name, architecture, predictionKnown: true };
    const latents = { latentChannels, latentScale, latentFormat: formatByChannel(format), hasVae: true };
    const info = describe(model, config, latents, []);
    const running = runningPack(text, unet, autoencoder, sessions);
    return createPaintingModel(info, architecture, tokenizers, device, running);
  } catch (error) {
    await sessions.release();
    throw error;
  }
}

/** The sessions of a pack, each group on a device of its own; the encoder's waits until it is asked for. */
async function openGraphs(files: ModelFiles, device: ChosenDevice, sessions: SessionSet, signal?: AbortSignal) {
  const [towers, autoencoders] = [gpuContext(device), gpuContext(device)];
  const open = async (folder: string, on: ChosenDevice) => {
    await stopIfCancelled(signal);
    if (files.list().includes(`${folder}/model.onnx`)) return sessions.add(createPackSession(files, folder, on));
    throw new EaselError('corrupt', `"${files.name}" has no ${folder}/model.onnx: it is not a whole pack.`);
  };
  const text = [await open('text_encoder', towers)];
  if (hasTwoTowers(files)) text.push(await open('text_encoder_2', towers));
  const unet = await open('unet', device);
  const decoder = await open('vae_decoder', autoencoders);
  return { text, unet, decoder, openEncoder: () => open('vae_encoder', autoencoders) };
}

function runningPack(
  text: readonly Session[],
  unet: Session,
  autoencoder: RunningNetworks['autoencoder'],
  sessions: SessionSet,
): RunningNetworks {
  return {
    textTowers: text.map((session) => ({ encode: encodeTextWithPack(session) })),
    predict: predictWithPack(unet),
    autoencoder,
    ownAutoencoder: autoencoder,
    adapt: async (adapters) => ({ reports: checkFit(adapters), words: new Map() }),
    checkFit,
    release: () => sessions.release(),
  };
}

/** Only img2img and inpainting encode, so the encoder waits until it is asked for. */
function packAutoencoder(decoder: Session, openEncoder: () => Promise<Session>, channels: number) {
  let encoding: Promise<Session> | undefined;
  return {
    decode: decodeWithPack(decoder),
    async encode(image: Float32Array, height: number, width: number) {
      encoding ??= openEncoder();
      return encodeWithPack(await encoding, channels)(image, height, width);
    },
    // A pack's sessions go together, with the pack.
    release: async () => undefined,
  };
}

function checkFit({ loras, embeddings }: Adapters): [] {
  if (loras.length + embeddings.length === 0) return [];
  throw new EaselError(
    'unsupported',
    'A model exported to ONNX takes no LoRA and no embedding. Use its .safetensors checkpoint or folder.',
  );
}

/**
 * Two towers are read without the final norm, where every layer is an output; one with it, which a pack has for its
 * last layer only.
 */
function readableLayers(tower: Session, towers: number): number {
  return towers > 1 ? Math.max(2, layerOutputs(tower).length - 1) : 1;
}

/** Sessions that are freed together, also those that are still being created. */
class SessionSet {
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
