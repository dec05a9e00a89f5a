/** ESRGAN's network of dense residual blocks (RRDBNet): Wang et al. 2018, section 3.1; Real-ESRGAN's form of it. */
export interface RrdbConfig {
  kind: 'rrdb';
  /** Channels of its feature maps, and how many each dense layer adds. */
  features: number;
  growth: number;
  blocks: number;
  /** Pixels of a side that are taken for one at the beginning: 1 or, where it enlarges by less than 4, 2 or 4. */
  unshuffle: number;
  /** How often it doubles the sides. */
  doublings: number;
}

/** Real-ESRGAN's compact network (SRVGGNetCompact): convolutions in a row, and the picture itself beside them. */
export interface CompactConfig {
  kind: 'compact';
  features: number;
  /** Between the first convolution and the last. */
  convolutions: number;
  scale: number;
}

export type UpscalerConfig = RrdbConfig | CompactConfig;

/** How many times larger a picture becomes. */
export const scaleOf = (config: UpscalerConfig): number =>
  config.kind === 'compact' ? config.scale : 2 ** config.doublings / config.unshuffle;

/** What a picture's sides must be multiples of. */
export const sideMultiple = (config: UpscalerConfig): number => (config.kind === 'rrdb' ? config.unshuffle : 1);
