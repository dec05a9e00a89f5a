import { EaselError } from '../../core/errors';
import { stopIfCancelled } from '../cancellation';
import { openScheduler, readJson } from '../layouts/diffusers-folder';
import type { ChosenDevice } from '../runtime/device';
import {
  decodeWithPack,
  encodeTextWithPack,
  encodeWithPack,
  layerOutputs,
  predictWithPack,
} from '../runtime/pack-networks';
import { createPackSession, type Session } from '../runtime/session';
import type { Family, ModelFiles, PaintingModel, PredictionType } from '../types';
import type { Adapters } from './adaptable';
import { maxClipSkip } from './clip-skip';
import { describe, LATENT_SCALING } from './model-info';
import { assembled, type RunningNetworks, type Tokenizers } from './painting-model';
import { inUnetScale } from './running-autoencoder';

/** Width of SD 2.x's text; SD 1.x's is 768. */
const SD2_CONTEXT = 1024;

/** Whether the files are a model that was exported to ONNX, in Optimum's layout. */
export function isPack(files: ModelFiles): boolean {
  return files.list().includes('unet/model.onnx');
}

/** Whether its text goes through two towers. */
export function hasTwoTowers(files: ModelFiles): boolean {
  return files.list().includes('text_encoder_2/model.onnx');
}

/**
 * Opens an ONNX pack in Optimum's layout: `unet`, `text_encoder` (and `text_encoder_2`), `vae_decoder` and `vae_encoder`, each
 * with its `model.onnx` and external data. It runs as it was exported: no LoRA, no embedding, no other precision.
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
  const open = async (folder: string) => {
    await stopIfCancelled(signal);
    if (files.list().includes(`${folder}/model.onnx`)) return sessions.add(createPackSession(files, folder, device));
    throw new EaselError('corrupt', `"${files.name}" has no ${folder}/model.onnx: it is not a whole pack.`);
  };
  const stated = await openScheduler(files);
  const scheduler = { ...stated, prediction_type: prediction ?? stated.prediction_type };
  const scaling = await scalingOf(files);
  onRead();
  try {
    const text = [await open('text_encoder')];
    if (hasTwoTowers(files)) text.push(await open('text_encoder_2'));
    const unet = await open('unet');
    const decoder = await open('vae_decoder');
    const shapes = factsOf(unet, decoder);
    const family: Family = shapes.hasSizeConditioning ? 'sdxl' : shapes.contextWidth === SD2_CONTEXT ? 'sd2' : 'sd1';
    const facts = {
      ...shapes,
      maxClipSkip: maxClipSkip(
        family,
        text.map((tower) => readableLayers(family, tower)),
      ),
    };
    const { prediction_type: predictionType } = scheduler;
    // Only img2img and inpainting encode, so this one waits until it is asked for.
    let encoding: Promise<Session> | undefined;
    const own = {
      decode: decodeWithPack(decoder),
      async encode(image: Float32Array, height: number, width: number) {
        encoding ??= open('vae_encoder');
        return encodeWithPack(await encoding, facts.latentChannels)(image, height, width);
      },
      // A pack's sessions go together, with the pack.
      release: async () => undefined,
    };
    const autoencoder = inUnetScale(own, { scalingFactor: scaling ?? LATENT_SCALING[family], shiftFactor: 0 });
    const running: RunningNetworks = {
      textTowers: text.map((session) => ({ encode: encodeTextWithPack(session) })),
      predict: predictWithPack(unet),
      autoencoder,
      ownAutoencoder: autoencoder,
      adapt: async (adapters) => ({ reports: checkFit(adapters), words: new Map() }),
      checkFit,
      release: () => sessions.release(),
    };
    const model = { name: files.name, family, scheduler, predictionType, predictionKnown: true };
    return assembled(describe(model, facts, []), tokenizers, device, running);
  } catch (error) {
    await sessions.release();
    throw error;
  }
}

function checkFit({ loras, embeddings }: Adapters): [] {
  if (loras.length + embeddings.length === 0) return [];
  throw new EaselError(
    'unsupported',
    'A model exported to ONNX takes no LoRA and no embedding. Use its .safetensors checkpoint or folder.',
  );
}

/** SDXL's layers are outputs, the embeddings' among them; elsewhere the final norm is needed, which a pack has for its last one only. */
function readableLayers(family: Family, tower: Session): number {
  return family === 'sdxl' ? Math.max(2, layerOutputs(tower).length - 1) : 1;
}

/** What the graphs' own inputs tell; free dimensions are Stable Diffusion's. */
function factsOf(unet: Session, decoder: Session) {
  const sized = (session: Session, rank: number, axis: number) => {
    const side = session.inputs.find(({ dims }) => dims.length === rank)?.dims[axis];
    return typeof side === 'number' ? side : undefined;
  };
  const latentChannels = sized(decoder, 4, 1) ?? 4;
  const latentScale = 8;
  const height = sized(unet, 4, 2);
  return {
    inputChannels: sized(unet, 4, 1) ?? latentChannels,
    hasSizeConditioning: unet.inputs.some(({ name }) => name === 'time_ids'),
    latentChannels,
    latentScale,
    contextWidth: sized(unet, 3, 2) ?? 768,
    hasVae: true,
    side: height === undefined ? undefined : height * latentScale,
  };
}

async function scalingOf(files: ModelFiles): Promise<number | undefined> {
  const path = ['vae_decoder/config.json', 'vae/config.json'].find((candidate) => files.list().includes(candidate));
  const factor = path === undefined ? undefined : (await readJson(files, path)).scaling_factor;
  if (factor === undefined) return undefined;
  if (typeof factor === 'number' && Number.isFinite(factor) && factor > 0) return factor;
  throw new EaselError('corrupt', `${path}: scaling_factor must be a number over 0, not ${JSON.stringify(factor)}.`);
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
