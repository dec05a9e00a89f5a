import { EaselError, said } from '../../core/errors';
import { type KnownMemory, planFor, SMALL_TILE } from '../../core/memory-need';
import { DEFAULT_REQUEST } from '../../core/request/request';
import { architectureFor } from '../architectures/index';
import { stopIfCancelled } from '../cancellation';
import { openScheduler } from '../layouts/diffusers-folder';
import type { PredictionType } from '../layouts/facts';
import { hasTwoTowers, packBytes, packFacts, packLatents, packWeights } from '../layouts/onnx-pack';
import type { ChosenDevice } from '../runtime/device';
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
import { Arrangement } from './arrangement';
import { refuseTooLargeForCpu } from './memory';
import { describe } from './model-info';
import {
  createPaintingModel,
  formatByChannel,
  type PaintingModel,
  type RunningNetworks,
  type StartOptions,
  type Tokenizers,
} from './painting-model';
import { inUnetScale } from './running-autoencoder';
import { SessionGroup } from './session-group';
import { decodeTiled } from './tiles';
import { Turns } from './turns';

/** Of latents, for graphs that leave them free. */
const USUAL_CHANNELS = 4;

/**
 * Opens an ONNX pack in Optimum's layout: `unet`, `text_encoder` (and `text_encoder_2`), `vae_decoder` and
 * `vae_encoder`, each with its `model.onnx` and external data. It runs as it was exported: no LoRA, no embedding, no
 * other precision.
 * @throws EaselError `corrupt` naming a missing part; `unsupported` naming an input or operator that cannot be served;
 * `out-of-memory` naming a part that the CPU cannot hold.
 */
export async function packModel(
  files: ModelFiles,
  tokenizers: Tokenizers,
  device: ChosenDevice,
  onRead: () => void,
  { prediction, signal, memory = {} }: { prediction?: PredictionType } & StartOptions = {},
): Promise<PaintingModel> {
  const parts = new PackParts(files, device);
  const stated = await openScheduler(files);
  const scheduler = { ...stated, prediction_type: prediction ?? stated.prediction_type };
  if (device.report.provider === 'wasm') refuseTooLargeForCpu(files.name, packWeights(files), said`as it was exported`);
  onRead();
  try {
    const { towers, unet, decoder } = await parts.open(memory, signal);
    const facts = packFacts(unet.inputs, decoder.inputs, USUAL_CHANNELS, scheduler._class_name);
    const { denoiser, latentChannels, latentSide } = facts;
    const architecture = architectureFor(denoiser, `"${files.name}"`);
    const { scale: latentScale, scaling: usual } = architecture.latent;
    const config = {
      denoiser,
      scheduler,
      predictionType: scheduler.prediction_type,
      textLayers: towers.map((tower) => readableLayers(tower, towers.length)),
      trainedSide: latentSide === undefined ? undefined : latentSide * latentScale,
    };
    const format = await packLatents(files, latentChannels, usual);
    const autoencoder = inUnetScale(packAutoencoder(parts, latentChannels), format);
    const model = { name: files.name, architecture, predictionKnown: true };
    const latents = { latentChannels, latentScale, latentFormat: formatByChannel(format), hasVae: true };
    const info = describe(model, config, latents, []);
    const usualSize = { ...DEFAULT_REQUEST, ...info.defaults };
    const arrangement = new Arrangement(parts.turns, packBytes(files), device.report, memory, usualSize, signal);
    return createPaintingModel(info, architecture, tokenizers, device, runningPack(parts, autoencoder, arrangement));
  } catch (error) {
    await parts.release();
    throw error;
  }
}

/** A pack's graphs, by their folders. Those of a group share a device; groups may take turns. */
class PackParts {
  readonly turns = new Turns();
  readonly #text: SessionGroup<string>;
  readonly #unet: SessionGroup<string>;
  readonly #autoencoder: SessionGroup<string>;

  constructor(
    readonly files: ModelFiles,
    readonly device: ChosenDevice,
  ) {
    const group = (oneByOne: boolean) =>
      new SessionGroup<string>((folder, on, signal) => this.#start(folder, on, signal), device, this.turns, oneByOne);
    [this.#text, this.#unet, this.#autoencoder] = [group(false), group(false), group(true)];
  }

  /**
   * Starts all that every picture needs, to learn what the graphs take and give; one after the other's end where they
   * will not fit together. What only img2img and inpainting need waits until it is asked for.
   */
  async open(memory: KnownMemory, signal?: AbortSignal) {
    const { report } = this.device;
    this.turns.follow(planFor(packBytes(this.files), DEFAULT_REQUEST, report, memory), signal);
    const towers: Session[] = [];
    for (const tower of this.towers) towers.push(await tower());
    return { towers, unet: await this.unet(), decoder: await this.decoder() };
  }

  get towers(): (() => Promise<Session>)[] {
    const folders = hasTwoTowers(this.files) ? TOWERS : TOWERS.slice(0, 1);
    return folders.map((folder) => () => this.#text.session(folder));
  }

  unet(): Promise<Session> {
    return this.#unet.session('unet');
  }

  decoder(): Promise<Session> {
    return this.#autoencoder.session('vae_decoder');
  }

  encoder(): Promise<Session> {
    return this.#autoencoder.session('vae_encoder');
  }

  async release(): Promise<void> {
    for (const group of [this.#text, this.#unet, this.#autoencoder]) await group.release();
  }

  async #start(folder: string, device: ChosenDevice, signal?: AbortSignal): Promise<Session> {
    await stopIfCancelled(signal);
    const { files } = this;
    if (files.list().includes(`${folder}/model.onnx`)) return createPackSession(files, folder, device);
    throw new EaselError('corrupt', said`"${files.name}" has no ${folder}/model.onnx: it is not a whole pack.`);
  }
}

const TOWERS = ['text_encoder', 'text_encoder_2'] as const;

function runningPack(
  parts: PackParts,
  autoencoder: RunningNetworks['autoencoder'],
  arrangement: Arrangement,
): RunningNetworks {
  return {
    textTowers: parts.towers.map((tower) => ({
      encode: async (ids, fromEnd) => encodeTextWithPack(await tower())(ids, fromEnd),
    })),
    predict: async (input) => predictWithPack(await parts.unet())(input),
    autoencoder,
    ownAutoencoder: autoencoder,
    arrangement,
    adapt: async (adapters) => ({ reports: checkFit(adapters), words: new Map() }),
    checkFit,
    release: () => parts.release(),
  };
}

/** Its sessions go with the pack, or when it is others' turn. */
function packAutoencoder(parts: PackParts, channels: number) {
  return {
    async decode(latent: Float32Array, height: number, width: number, signal?: AbortSignal) {
      const session = await parts.decoder();
      const isTiled = parts.turns.plan === 'in-turn-tiled' && takesAnySize(session);
      const side = isTiled ? SMALL_TILE : Math.max(height, width);
      return decodeTiled(decodeWithPack(session), latent, { height, width, side }, signal);
    },
    encode: async (image: Float32Array, height: number, width: number) =>
      encodeWithPack(await parts.encoder(), channels)(image, height, width),
    release: async () => undefined,
  };
}

/** Whether a graph was exported for pictures of any size. */
const takesAnySize = ({ inputs: [{ dims }] }: Session) => dims.slice(2).every((side) => typeof side !== 'number');

function checkFit({ loras, embeddings }: Adapters): [] {
  if (loras.length + embeddings.length === 0) return [];
  throw new EaselError(
    'unsupported',
    said`A model exported to ONNX takes no LoRA and no embedding. Use its .safetensors checkpoint or folder.`,
  );
}

/**
 * Two towers are read without the final norm, where every layer is an output; one with it, which a pack has for its
 * last layer only.
 */
function readableLayers(tower: Session, towers: number): number {
  return towers > 1 ? Math.max(2, layerOutputs(tower).length - 1) : 1;
}
