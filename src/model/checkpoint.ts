import { EaselError } from '../core/errors';
import type { AutoencoderConfig } from './graph/autoencoder-config';
import type { ClipTextConfig, UnetConfig } from './graph/config';
import type { Network } from './network';
import type { SchedulerConfig } from './types';

export type Family = 'sd1' | 'sd2' | 'sdxl';
export type PredictionType = 'epsilon' | 'v_prediction';

/** A whole model, nothing of it read but headers and configurations. */
export interface Checkpoint {
  family: Family;
  unet: Network<UnetConfig>;
  /** One, or SDXL's two. */
  textTowers: readonly Network<ClipTextConfig>[];
  autoencoder: Network<AutoencoderConfig>;
  scheduler: SchedulerConfig;
  predictionType: PredictionType;
  /** False where the prediction type is a guess that the person should be able to change. */
  predictionKnown: boolean;
  /** Sentences about what was left aside. */
  warnings: readonly string[];
}

/** "model: "a", "b" and 3 more have no place ..." for a person; undefined where there are none. */
export function strayWarning(file: string, keys: readonly string[]): string | undefined {
  if (keys.length === 0) return undefined;
  const named = keys.slice(0, 3).map((key) => `"${key}"`);
  const more = keys.length > named.length ? ` and ${keys.length - named.length} more` : '';
  return `${file}: ${named.join(', ')}${more} have no place in the model and were left aside.`;
}

/** Refuses a UNet that no pipeline here can feed. */
export function refuseOddChannels({ name, config }: Network<UnetConfig>, latentChannels: number): void {
  const painting = [latentChannels, 2 * latentChannels + 1];
  if (painting.includes(config.inChannels)) return;
  throw new EaselError(
    'unsupported',
    `${name} takes ${config.inChannels} channels; Easel paints with ${painting[0]} (text to image) or ${painting[1]} (inpainting).`,
  );
}
