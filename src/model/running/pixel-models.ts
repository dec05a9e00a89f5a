import { EaselError, said } from '../../core/errors';
import type { Architecture } from '../architectures/architecture';
import { architectureFor } from '../architectures/index';
import type { IdentityConfig } from '../graph/autoencoder-config';
import { buildClassClassifier } from '../graph/class-classifier';
import { timestepFeatures } from '../graph/timestep-features';
import { publishedScale, readGuidedClassifier } from '../layouts/guided-classifier-file';
import { readGuidedDiffusion } from '../layouts/guided-diffusion-file';
import type { Network } from '../layouts/network';
import type { UnetSettings } from '../layouts/unet-flags';
import type { VaeFile } from '../parts/autoencoder-file';
import { expectPart } from '../parts/index';
import { NO_TENSORS, nameOfFile, openFile, type WeightsFile } from '../weights/state-dict';
import type { Checkpoint } from './checkpoint';
import type { Classifier } from './classifier';

/** What stands in the place of an autoencoder where there are no latents. */
export function identityOf({ latent }: Architecture, channels: number, name: string): Network<IdentityConfig> {
  if (channels !== 1 && channels !== 3) {
    const message = said`"${name}" paints pictures of ${channels} channels; Easel shows those of 3, or of 1.`;
    throw new EaselError('unsupported', message);
  }
  const config: IdentityConfig = { kind: 'identity', latentChannels: channels, scalingFactor: latent.scaling, shiftFactor: latent.shift ?? 0 }; // biome-ignore format: one object
  return { name, config, weights: NO_TENSORS };
}

/** A network of guided diffusion alone, which needs nothing beside it. @param flags that it was trained with */
export function openGuidedDiffusion(weights: WeightsFile, flags: Partial<UnetSettings> | undefined): Checkpoint {
  const { facts, unet, scheduler, predicts, warnings } = readGuidedDiffusion(weights, flags);
  const architecture = architectureFor(facts, weights.path);
  const autoencoder = identityOf(architecture, unet.config.inChannels, weights.path);
  return {
    name: nameOfFile(weights.path),
    architecture,
    facts,
    unet,
    textTowers: [],
    autoencoder,
    ownAutoencoder: autoencoder,
    scheduler: { ...architecture.scheduler, ...scheduler },
    predictionType: predicts,
    predictionKnown: true,
    unusedKeys: [],
    warnings,
    onUnused: 'warn',
  };
}

/**
 * One of guided diffusion's classifiers for a model of pixels.
 * @throws EaselError `unsupported` where it is no classifier, or is for other pictures than the model's
 */
export async function openGuidedClassifier(
  { files, path }: VaeFile,
  { name, facts, unet }: Pick<Checkpoint, 'name' | 'facts' | 'unet'>,
  classNames: (classes: number) => Promise<readonly string[] | undefined>,
): Promise<Classifier> {
  const file = await openFile(files, path);
  expectPart(file, ['classifier'], said`a classifier for guidance`);
  const found = readGuidedClassifier(file);
  const { config, weights, side } = found;
  const { sampleSize } = unet.config;
  if (!facts.pixels) throw new EaselError('unsupported', said`${path} guides models of pixels; "${name}" has latents.`);
  if (sampleSize !== side)
    throw new EaselError(
      'unsupported',
      said`${path} is for pictures of ${side} × ${side}; "${name}" paints ${sampleSize ?? 0}. Choose the classifier of the same size.`,
    );
  const { classes, timeChannels } = config;
  return {
    name: path,
    weights,
    names: (await classNames(classes)) ?? Array.from({ length: classes }, (_, label) => String(label)),
    channels: config.inChannels,
    build: () => buildClassClassifier(config),
    told: (timestep) => ({
      timestep_features: { data: timestepFeatures([timestep], timeChannels, true, 0), dims: [1, timeChannels] },
    }),
    scale: publishedScale(found, facts.classes !== undefined),
  };
}
