import type { AttachReport } from '../../core/attach-report';
import type { TerminalSnr } from '../../core/diffusion/noise-schedules';
import type { NoiseProcess } from '../../core/diffusion/process/noise-process';
import type { Latent } from '../../core/diffusion/types';
import { EaselError, type Said, said } from '../../core/errors';
import type { KnownMemory, PictureSize } from '../../core/memory-need';
import { DEFAULT_REQUEST } from '../../core/request/request';
import { withWords } from '../../core/text/embedding-words';
import { type Architecture, familyLabel, type TextReading } from '../architectures/architecture';
import { architectureOf } from '../architectures/index';
import { type AutoencoderConfig, type LatentFormat, latentScaleOf } from '../graph/autoencoder-config';
import type { Dialect } from '../graph/types';
import type { Network } from '../layouts/network';
import type { ClassTable } from '../layouts/original-file';
import { openVae, type VaeFile } from '../parts/autoencoder-file';
import { predictWith, type UnetInput } from '../runtime/denoiser';
import type { ChosenDevice, DeviceReport } from '../runtime/device';
import { type EncodeText, encodeTextWith } from '../runtime/text-encoder';
import type { Tokenizer } from '../runtime/tokenizer';
import { decodeFloats, isFloatDtype, type Precision } from '../weights/dtypes';
import type { Lora } from '../weights/lora';
import { nameOfFile } from '../weights/state-dict';
import { embeddingIds } from '../weights/textual-inversion';
import { AdaptableNetworks, type Adapters } from './adaptable';
import { Arrangement } from './arrangement';
import type { Checkpoint } from './checkpoint';
import { type EncodeMap, mapEncoder } from './class-map';
import { bindClassifier, type RunningClassifier } from './classifier';
import { layerFromEnd } from './clip-skip';
import { bytesOf, convolutionPrecision, networkBytes, planNote, refuseTooLarge, withMemoryPlan } from './memory';
import { configOf, describe, type ModelInfo } from './model-info';
import { brokenVae, inFormat } from './open-checkpoint';
import { type BoundAutoencoder, bindAutoencoder, type RunningAutoencoder } from './running-autoencoder';
import { Turns } from './turns';

/** The three networks, as the pipeline calls them. All arrays are float32 and row-major. */
export interface PaintingModel {
  readonly info: ModelInfo;
  readonly device: DeviceReport;
  readonly tokenizer: Tokenizer;
  /**
   * Chooses how the networks share memory from now on: where they do not fit together for a picture of that size, each
   * is loaded when it is needed and releases the one before.
   * @param signal ends the loading of a network within a tensor
   */
  arrangeFor(size: PictureSize, signal?: AbortSignal): void;
  /**
   * What its numbers mean. @param terminal how a schedule's last level without signal is made finite, which depends on
   * the sampler
   */
  process(terminal: TerminalSnr): NoiseProcess;
  /**
   * One 77-token window -> hidden states [77, contextWidth] and the pooled output. SDXL: the last layers but one of
   * both towers side by side, and the second tower's projected text.
   * @param clipSkip 1, where left out, to `info.maxClipSkip`
   */
  encodeText(ids: Int32Array, clipSkip?: number): Promise<EncodedText>;
  /** What the denoiser is told of a class. @param label 0 to below `info.classes`, or `info.nullClass` */
  encodeClass(label: number): Promise<EncodedClass>;
  /**
   * What the denoiser is shown of a map, [channels, height, width] of latent cells; where it is shown maps.
   * @param classes of pixels, `info.latentScale` times as many on each side, 0 to below `info.mapClasses`
   */
  encodeMap?: EncodeMap;
  /**
   * The raw UNet output for a batch: sample [batch, inChannels, height, width] at `timestep` (may be fractional),
   * context [batch, tokens, contextWidth] -> [batch, outChannels, height, width].
   */
  predict(input: UnetInput): Promise<Float32Array>;
  /**
   * A latent [channels, h, w] in the UNet's scale (scaling_factor is undone here) -> RGB planes [3, 8h, 8w], about
   * -1..1.
   */
  decode(latent: Latent, height: number, width: number, signal?: AbortSignal): Promise<Float32Array>;
  /** RGB planes -1..1 [3, h, w] -> posterior mean and logvar, scaled by scaling_factor (logvar shifted accordingly). */
  encode(image: Float32Array, height: number, width: number): Promise<{ mean: Float32Array; logvar: Float32Array }>;
  /** Model runs so far, by network: tests count them. */
  readonly runs: { textEncoder: number; unet: number; vaeDecoder: number; vaeEncoder: number };
  /**
   * Replaces the LoRAs and embeddings; networks they change start again from the model's files. The tokenizer then
   * knows the embeddings' words. Gives back what of each LoRA acts, in their order. Where it fails or is cancelled, it
   * is to be called again before the model paints.
   */
  adapt(adapters: Adapters, signal?: AbortSignal): Promise<readonly AttachReport[]>;
  /**
   * What of LoRAs and embeddings would act, without a change. @throws EaselError `unsupported` for one of another
   * family.
   */
  checkFit(adapters: Adapters): readonly AttachReport[];
  /**
   * Decodes and encodes with another autoencoder from now on; with the model's own again when it is undefined. Gives
   * back what of another's file is used.
   * @throws EaselError `unsupported` or `corrupt` where the file does not fit; the one before stays then.
   */
  attachVae(file: VaeFile | undefined, signal?: AbortSignal): Promise<AttachReport | undefined>;
  /** The LoRA that lets it paint in few steps; merged like any other, by `adapt`. */
  readonly fastLora?: Lora;
  /** Where the model brings a classifier. */
  readonly classifierGradient?: RunningClassifier['gradient'];
  /** Sentences on how it ran since it was last asked, for the person. */
  takeNotes(): Said[];
  /** Frees sessions and GPU memory; what is used again starts again. */
  dispose(): Promise<void>;
}

/** One vocabulary for all towers; what pads a window may differ. */
export interface Tokenizers {
  tokenizer: Tokenizer;
  /** SDXL's second tower pads with another token. */
  secondPad?: number;
}

/** A model's networks on their device, whoever built the graphs. */
export interface RunningNetworks {
  textTowers: readonly TextTower[];
  predict(input: UnetInput): Promise<Float32Array>;
  /** Where what stands for a class is more than its label. */
  encodeClass?: PaintingModel['encodeClass'];
  encodeMap?: EncodeMap;
  /** The one to begin with. */
  autoencoder: RunningAutoencoder;
  /** The one to go back to when no other takes its place. */
  ownAutoencoder: RunningAutoencoder;
  classifier?: RunningClassifier;
  fastLora?: Lora;
  /** How they share memory. */
  arrangement: Arrangement;
  /** As PaintingModel's; the words it gives back are the tokenizer's from then on. */
  adapt(...args: Parameters<PaintingModel['adapt']>): Promise<{
    reports: readonly AttachReport[];
    words: ReadonlyMap<string, readonly number[]>;
  }>;
  checkFit: PaintingModel['checkFit'];
  release(): Promise<void>;
}

interface TextTower {
  encode: EncodeText;
}

/** Of a load. */
export interface StartOptions {
  /** Ends it before the next network or tensor. */
  signal?: AbortSignal;
  memory?: KnownMemory;
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
  { signal, memory = {} }: StartOptions = {},
): Promise<PaintingModel> {
  const { textTowers, unet, fastLora, architecture } = checkpoint;
  const bound = bindNetworks(checkpoint, device);
  const { networks, used, own, classifier, info, on } = bound;
  const usualSize = { ...DEFAULT_REQUEST, ...info.defaults };
  const arrangement = new Arrangement(bound.turns, bound.weights, on.report, memory, usualSize, signal);

  onBound();
  const release = async () => {
    await networks.release();
    await used.running.release();
    await classifier?.release();
  };
  try {
    await networks.start(signal);
    if (arrangement.usual === 'together') await startDecoder(used, device, signal);
    const running: RunningNetworks = {
      textTowers: textTowers.map(({ config }, i) => ({
        encode: async (ids, fromEnd) => encodeTextWith(await networks.session(TOWERS[i]), config)(ids, fromEnd),
      })),
      predict: async (input) => predictWith(await networks.session('unet'), unet.config)(input),
      encodeClass: checkpoint.classes && rowsOf(checkpoint.classes),
      encodeMap: checkpoint.classMap && mapEncoder(checkpoint.classMap, info.latentScale),
      autoencoder: used.running,
      ownAutoencoder: own?.running ?? used.running,
      classifier,
      fastLora,
      arrangement,
      async adapt(adapters, signal) {
        const reports = await networks.adapt(adapters, signal);
        return { reports, words: embeddingIds(adapters.embeddings, textTowers[0].config.vocabulary) };
      },
      checkFit: (adapters) => networks.checkFit(adapters),
      release,
    };
    return createPaintingModel(info, architecture, tokenizers, on, running);
  } catch (error) {
    await release();
    throw error;
  }
}

/**
 * The first picture's last step needs the decoder. The CPU's memory was counted beforehand, so it starts while somebody
 * types; whether it fits on a graphics card shows only when it is there.
 */
async function startDecoder({ start }: BoundAutoencoder, { report }: ChosenDevice, signal?: AbortSignal) {
  const decoder = start(signal);
  if (report.provider === 'webgpu') await decoder;
  else decoder.catch(() => undefined); // decoding tries again, and reports
}

/** A checkpoint's networks with every weight in its place, and what is known of the model by then. */
function bindNetworks(checkpoint: Checkpoint, device: ChosenDevice) {
  const { autoencoder, ownAutoencoder, onUnused } = checkpoint;
  const turns = new Turns();
  const warnings = [...checkpoint.warnings];
  const used = bindAutoencoder(autoencoder, device, autoencoder === ownAutoencoder ? onUnused : 'warn', turns);
  const own =
    autoencoder === ownAutoencoder
      ? used
      : ownAutoencoder && bindUnused(ownAutoencoder, checkpoint, device, warnings, turns);
  const classifier = checkpoint.classifier && bindClassifier(checkpoint.classifier, device);
  const networksIn = (convolutions: Precision) => adaptableNetworks(checkpoint, device, convolutions, turns);
  const exact = networksIn('float32');
  const convolutions = convolutionPrecision(device, bytesOf([...exact.graphs, used.decoder]));
  const networks = convolutions === 'float32' ? exact : networksIn(convolutions);
  const graphs = [...networks.graphs, used.decoder];
  refuseTooLarge(checkpoint.name, graphs, device);
  const unusedKeys = [...checkpoint.unusedKeys, ...networks.unused, ...used.unused];
  const latent = latentsOf(autoencoder.config, own !== undefined);
  const info = describe(checkpoint, configOf(checkpoint), latent, [...warnings, ...unusedKeyWarnings(unusedKeys)]);
  const on = withMemoryPlan(device, convolutions, bytesOf(graphs), used.precision);
  return { turns, networks, used, own, classifier, info, on, weights: networkBytes(networks.graphs, used.decoder) };
}

/** What a person should know of how it is run. */
function withPlan(info: ModelInfo, { usual }: Arrangement): ModelInfo {
  const note = planNote(usual);
  return note === undefined ? info : { ...info, warnings: [...info.warnings, note] };
}

/** What runs it, with what its networks take and how they share that. */
function planned(report: DeviceReport, { usual, weights }: Arrangement): DeviceReport {
  return { ...report, networks: weights, plan: usual };
}

const latentsOf = (config: AutoencoderConfig, hasVae: boolean) => ({
  latentChannels: config.latentChannels,
  latentScale: latentScaleOf(config),
  latentFormat: formatByChannel(config),
  hasVae,
});

/** A latent's format, where it is told by channel. */
export const formatByChannel = ({ scalingFactor, shiftFactor, latentsMean, latentsStd }: LatentFormat) =>
  latentsMean && { scalingFactor, shiftFactor, latentsMean, latentsStd };

/** A model's own autoencoder while another stands in for it; undefined, with a warning, where it is not whole. */
function bindUnused(
  own: Network<AutoencoderConfig>,
  { onUnused }: Checkpoint,
  device: ChosenDevice,
  warnings: Said[],
  turns: Turns,
): BoundAutoencoder | undefined {
  try {
    return bindAutoencoder(own, device, onUnused, turns);
  } catch (thrown) {
    warnings.push(brokenVae(thrown));
    return undefined;
  }
}

const TOWERS = ['text_encoder', 'text_encoder_2'] as const;

function adaptableNetworks(
  { architecture, unet, textTowers, onUnused }: Checkpoint,
  device: ChosenDevice,
  convolutions: Precision,
  turns: Turns,
): AdaptableNetworks {
  const { provider, precision } = device.report;
  const dialect: Dialect = { operators: provider === 'webgpu' ? 'webgpu' : 'plain', precision, convolutions };
  const configs = { unet: unet.config, textTowers: textTowers.map(({ config }) => config) };
  const specs = architecture.networks(configs, dialect);
  const towers = textTowers.map(({ name, weights }, i) => {
    return { id: TOWERS[i], name, weights, onUnused, build: specs.textTowers[i] };
  });
  const { name, weights } = unet;
  return new AdaptableNetworks(
    [...towers, { id: 'unet', name, weights, onUnused, build: () => specs.denoiser() }],
    device,
    turns,
  );
}

/** The model that the pipeline calls, from networks that run: latents scaled, towers joined, runs counted. */
export function createPaintingModel(
  info: ModelInfo,
  architecture: Architecture,
  { tokenizer, secondPad }: Tokenizers,
  device: ChosenDevice,
  networks: RunningNetworks,
): PaintingModel {
  const runs = { textEncoder: 0, unet: 0, vaeDecoder: 0, vaeEncoder: 0 };
  const { arrangement } = networks;
  let worded = tokenizer;
  let { autoencoder } = networks;
  return {
    info: withPlan(info, arrangement),
    device: planned(device.report, arrangement),
    get tokenizer() {
      return worded;
    },
    runs,
    arrangeFor: (size, signal) => arrangement.arrangeFor(size, signal),
    process: (terminal) => architecture.process(info, terminal),
    async adapt(adapters, signal) {
      const { reports, words } = await networks.adapt(adapters, signal);
      worded = withWords(tokenizer, words);
      return reports;
    },
    checkFit: networks.checkFit,
    async encodeText(ids, clipSkip = 1) {
      runs.textEncoder += networks.textTowers.length;
      const layer = layerFromEnd(textReadingOf(architecture), clipSkip);
      return encodeWithTowers(networks.textTowers, ids, layer, tokenizer.eos, secondPad);
    },
    encodeClass: networks.encodeClass ?? asLabel,
    encodeMap: networks.encodeMap,
    async predict(input) {
      runs.unet++;
      return networks.predict(input);
    },
    fastLora: networks.fastLora,
    classifierGradient: networks.classifier?.gradient,
    async attachVae(file, signal) {
      const next = file && (await startVae(file, info, device, { signal, turns: arrangement.turns }));
      // The model's own gives its memory back while another stands in for it.
      await autoencoder.release();
      autoencoder = next?.running ?? networks.ownAutoencoder;
      return next?.report;
    },
    async decode(latent, height, width, signal) {
      runs.vaeDecoder++;
      return autoencoder.decode(latent, height, width, signal);
    },
    async encode(image, height, width) {
      runs.vaeEncoder++;
      return autoencoder.encode(image, height, width);
    },
    takeNotes: () => [...arrangement.takeNotes(), ...(autoencoder.takeNotes?.() ?? [])],
    dispose: () => autoencoder.release().then(() => networks.release()),
  };
}

/**
 * Starts an autoencoder that came as a file of its own, for a model's latents.
 * @param turns with the model's other networks
 * @throws EaselError `unsupported` where it is none, or one for other latents; `corrupt`, `out-of-memory`.
 */
export async function startVae(
  file: VaeFile,
  { architecture, latentScale, latentFormat }: Pick<ModelInfo, 'architecture' | 'latentScale' | 'latentFormat'>,
  device: ChosenDevice,
  { signal, turns }: { signal?: AbortSignal; turns?: Turns } = {},
): Promise<{ running: RunningAutoencoder; report: AttachReport }> {
  const network = inFormat(await openVae(file, architectureOf(architecture.id).latent.scaling), latentFormat);
  const scale = latentScaleOf(network.config);
  if (scale !== latentScale) {
    const message = said`${file.path} upsamples latents ${scale}x, this model's own ${latentScale}x. Choose a VAE that was made for it.`;
    throw new EaselError('unsupported', message);
  }
  const { running, start, unused } = bindAutoencoder(network, device, 'warn', turns);
  await start(signal);
  const used = network.weights.entries.size - unused.length;
  return { running, report: { name: nameOfFile(file.path), used, unmatched: unused } };
}

/** A sentence that names stray keys, where there are any. */
function unusedKeyWarnings(keys: readonly string[]): Said[] {
  if (keys.length === 0) return [];
  const named = keys.slice(0, 3).map((key) => `"${key}"`);
  const first = named.join(', ');
  return [
    keys.length > named.length
      ? said`${first} and ${keys.length - named.length} more in the file match nothing in the model and were ignored.`
      : said`${first} in the file match nothing in the model and were ignored.`,
  ];
}

/** A class: its label, or what stands for it among words. */
interface EncodedClass {
  /** [tokens, width] */
  states: Float32Array;
  tokens: number;
  label?: number;
}

/** @throws EaselError `internal` where no text enters the family's models */
function textReadingOf(architecture: Architecture): TextReading {
  if (architecture.textReading) return architecture.textReading;
  throw new EaselError('internal', said`No text enters models of ${familyLabel(architecture)}.`);
}

/** A class as the network itself tells it apart. */
const asLabel = async (label: number): Promise<EncodedClass> => ({ states: new Float32Array(0), tokens: 0, label });

/** A class as the row of a table that stands in the place of a text of one word. */
function rowsOf({ name, config, weights }: Network<ClassTable>): PaintingModel['encodeClass'] {
  let table: Promise<Float32Array> | undefined;
  const read = async () => {
    const dtype = weights.entries.get('weight')?.dtype ?? 'F32';
    if (!isFloatDtype(dtype)) throw new EaselError('corrupt', said`${name}: its classes are no floats but ${dtype}.`);
    return decodeFloats(await weights.read('weight'), dtype);
  };
  return async (label) => {
    table ??= read();
    return { states: (await table).slice(label * config.width, (label + 1) * config.width), tokens: 1 };
  };
}

/** A window of text as the model's towers read it. */
interface EncodedText {
  /** [77, width] */
  hidden: Float32Array;
  pooled: Float32Array;
  /** How wide each of several towers' states are within `hidden`; absent where there is one. */
  towers?: readonly number[];
}

/**
 * One tower: its hidden states after the final norm. Two (SDXL): both without it side by side, and the second's
 * projected text.
 */
async function encodeWithTowers(
  [first, second]: readonly TextTower[],
  ids: Int32Array,
  layer: number,
  eos: number,
  secondPad: number | undefined,
): Promise<EncodedText> {
  const one = await first.encode(ids, layer);
  if (!second) return { hidden: one.hidden, pooled: one.pooled };
  const two = await second.encode(padded(ids, eos, secondPad), layer);
  const [left, right] = [one, two].map(({ raw }) => raw.length / ids.length);
  const hidden = new Float32Array(ids.length * (left + right));
  for (let token = 0; token < ids.length; token++) {
    hidden.set(one.raw.subarray(token * left, (token + 1) * left), token * (left + right));
    hidden.set(two.raw.subarray(token * right, (token + 1) * right), token * (left + right) + left);
  }
  return { hidden, pooled: two.pooled, towers: [left, right] };
}

/** The same window with everything after its end token filled with `pad`. */
function padded(ids: Int32Array, eos: number, pad: number | undefined): Int32Array {
  const end = ids.indexOf(eos);
  return pad === undefined || end < 0 ? ids : ids.map((id, i) => (i > end ? pad : id));
}
