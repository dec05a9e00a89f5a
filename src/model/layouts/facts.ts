/** What tells an architecture, from whatever layout: a safetensors header, a config.json, an ONNX graph's inputs. */
export interface DenoiserFacts {
  inChannels: number;
  /** Left out where the layout does not tell. */
  outChannels?: number;
  /** Width of the text that its attention reads; 0 where none does. */
  contextWidth: number;
  /**
   * Whether its transformers are entered by matrices, not by 1x1 convolutions; left out where the layout does not tell.
   */
  linearProjection?: boolean;
  /** No autoencoder stands beside it: what it denoises is the picture itself. */
  pixels?: true;
  /** How many classes it is told apart by, one that stands for none counted. */
  classes?: number;
  /** How many classes a map tells apart that it is shown beside the latent. */
  mapClasses?: number;
  /** What the sides of its maps must be multiples of; 1 where left out. */
  multiple?: number;
  /** By diffusers' names, beside the sample, the timestep and the text. */
  inputs: readonly string[];
  /** What else the files say that may change the maths: marker keys and metadata, class names. */
  markers: Readonly<Record<string, unknown>>;
}

/** What a UNet is told beside the sample, the timestep and the text: a pooled text and six sizes. */
export const SIZE_INPUTS = ['text_embeds', 'time_ids'] as const;

/** How strongly to paint as if guided, which a UNet distilled for that takes as an input (LCM). */
export const GUIDANCE_INPUT = 'timestep_cond';

/** The noise level itself, which a network with Fourier features takes in the place of a timestep. */
export const SIGMA_INPUT = 'sigma';

/** What a denoiser was trained to predict, by diffusers' names. */
export type PredictionType = 'epsilon' | 'v_prediction' | 'sample';
