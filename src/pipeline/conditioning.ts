/** A prompt, or a class, as the network is told it. */
export interface Context {
  /** [tokens, width], row-major. */
  states: Float32Array;
  tokens: number;
  /** The first window's pooled text, for a UNet with size conditioning (SDXL). */
  pooled?: Float32Array;
  /** Of a class, for a network that tells labels apart. */
  label?: number;
}

/** One of several prompts that guide together (AND), and how much it counts. */
interface WeightedContext {
  context: Context;
  weight: number;
}

/** What the model reads at one of its calls. */
export interface GuidedConditioning {
  prompts: readonly WeightedContext[];
  /** The negative prompt; absent where guidance is off: then the model runs once a call. */
  uncond?: Context;
  /** What the prompt says at this call, its parts joined by AND; for whoever watches. */
  text?: string;
}

/** Where a run stands when it calls the model. */
interface CallPlace {
  sigma: number;
  /** How far the run is on its way from its first noise level to the last above 0, in log sigma, 0..1. */
  share: number;
  /** Calls of the model before this one. */
  call: number;
  /** Counts from 0. */
  step: number;
  /** Undefined where a sampler has no fixed number. */
  of?: number;
}

/** What the model reads, which may change as a run goes on. */
export type ConditioningAt = (at: CallPlace) => Promise<GuidedConditioning>;
