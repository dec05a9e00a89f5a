import type { UnetInput } from './runtime/denoiser';
import type { Tokenizer } from './runtime/tokenizer';
import type { DeviceReport } from './runtime/device';
import type { KernelReport } from './runtime/device';
import type { Provider } from './runtime/device';
import type { AttachReport } from '../core/attach-report';
import type { TerminalSnr } from '../core/diffusion/noise-schedules';
import type { StepTraits } from '../core/diffusion/plan-steps';
import type { NoiseProcess } from '../core/diffusion/process/noise-process';
import type { Latent } from '../core/diffusion/types';
import type { ModelDefaults } from '../core/request';
import type { VaeFile } from './parts/autoencoder-file';
import type { Adapters } from './running/adaptable';
import type { Precision } from './weights/dtypes';
import type { Lora } from './weights/lora';

/** The family that a model belongs to (model/architectures). */
interface ArchitectureName {
  id: string;
  /** As people call it. */
  label: string;
}

export type PredictionType = 'epsilon' | 'v_prediction';

/** What is known of a loaded model; serialisable, goes over the wire to the page. */
export interface ModelInfo {
  name: string;
  architecture: ArchitectureName;
  predictionType: PredictionType;
  /**
   * False where the prediction type is the family's default because the file does not tell: the person may change it.
   */
  predictionKnown: boolean;
  /** Channels that the UNet takes: the latent's, or with a mask and a masked picture for an inpainting model (9). */
  inputChannels: number;
  /** The UNet is told sizes and a pooled text vector too (SDXL): `UnetInput.textEmbeds` and `timeIds`. */
  hasSizeConditioning: boolean;
  /** Whether it has an autoencoder of its own to go back to from a separate one. */
  hasVae: boolean;
  /** Sentences about what was left aside when it was opened. */
  warnings: readonly string[];
  /** What the denoiser is conditioned by. */
  conditioning: 'text';
  /** Models with one of these share their latents, and so preview decoders. */
  latentSpace: string;
  /** Channels of the latent, and image pixels per latent cell. */
  latentChannels: number;
  latentScale: number;
  /** Token windows are always 77 wide; width of the hidden states (of both towers together in SDXL). */
  contextWidth: number;
  /** The prompt can be read from this layer on, counted from the end (`GenerationRequest.clipSkip`). */
  maxClipSkip: number;
  /** scheduler/scheduler_config.json as found, with what the family adds to it. */
  scheduler: SchedulerConfig;
  defaults: ModelDefaults;
  /**
   * Linear latent-to-RGB map for previews: one [r, g, b] row per latent channel, then a bias row; undefined if none
   * fits.
   */
  previewFactors?: readonly (readonly [number, number, number])[];
  /** Lower-case words the model was trained on, where its manifest lists them. */
  words?: readonly string[];
  examples?: readonly string[];
  /** The settings for painting in few steps, where the model brings a LoRA for that (`PaintingModel.fastLora`). */
  fast?: ModelDefaults;
  /** What the model's classifier tells apart, where it brings one: pictures can be guided toward these names. */
  classifierNames?: readonly string[];
  /** One sentence for the page: what it paints. */
  summary?: string;
}

/** The fields of a diffusers scheduler_config.json that the pipeline reads; the rest is ignored. */
export interface SchedulerConfig extends StepTraits {
  _class_name?: string;
  num_train_timesteps: number;
  beta_start: number;
  beta_end: number;
  beta_schedule: string;
  trained_betas?: number[] | null;
  prediction_type?: string;
  rescale_betas_zero_snr?: boolean;
  use_karras_sigmas?: boolean | null;
}

/** The three networks, as the pipeline calls them. All arrays are float32 and row-major. */
export interface PaintingModel {
  readonly info: ModelInfo;
  readonly device: DeviceReport;
  readonly tokenizer: Tokenizer;
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
  encodeText(ids: Int32Array, clipSkip?: number): Promise<{ hidden: Float32Array; pooled: Float32Array }>;
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
  /**
   * The gradient of log p(names | z_t) with respect to z_t, averaged over the names, where the model brings a
   * classifier.
   * @param z in the UNet's coordinates (variance preserving), [channels, height, width].
   * @param wanted places in `info.classifierNames`, at least one.
   */
  classifierGradient?(
    z: Float32Array,
    height: number,
    width: number,
    timestep: number,
    wanted: readonly number[],
  ): Promise<Float32Array>;
  /** Frees sessions and GPU memory. */
  dispose(): Promise<void>;
}

