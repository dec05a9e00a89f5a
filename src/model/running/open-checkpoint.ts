import { EaselError, type Said, said, toEaselError } from '../../core/errors';
import { WEIGHTS_FILE } from '../../core/file-kinds';
import { type Architecture, familyLabel } from '../architectures/architecture';
import { architectureFor, predictionOf } from '../architectures/index';
import { type AutoencoderConfig, type LatentFormat, latentScaleOf } from '../graph/autoencoder-config';
import { openAutoencoder, openFolder } from '../layouts/diffusers-folder';
import { isGuidedClassifier } from '../layouts/guided-classifier-file';
import { isGuidedDiffusion } from '../layouts/guided-diffusion-file';
import { isLatentDiffusion, latentSide, readLatentDiffusion } from '../layouts/latent-diffusion-file';
import type { Network } from '../layouts/network';
import { markerNumbers, originalNetworks, readOriginalFile } from '../layouts/original-file';
import { readUnetFlags, type UnetSettings } from '../layouts/unet-flags';
import { openVae, type VaeFile } from '../parts/autoencoder-file';
import { expectPart } from '../parts/index';
import { readJson } from '../weights/json-file';
import { openLora } from '../weights/lora';
import { parseManifest } from '../weights/manifest';
import type { ModelFiles } from '../weights/model-files';
import { hasOriginalVae } from '../weights/original-names';
import { nameOfFile, openFile, type WeightsFile } from '../weights/state-dict';
import type { Checkpoint, CheckpointOptions } from './checkpoint';
import { openNameClassifier } from './name-classifier';
import { identityOf, openGuidedClassifier, openGuidedDiffusion } from './pixel-models';

/**
 * The networks of a folder or of the one checkpoint among the files; nothing but headers is read.
 * @throws EaselError `corrupt` or `unsupported` naming the file, option or tensor.
 */
export async function openCheckpoint(files: ModelFiles, options: CheckpointOptions = {}): Promise<Checkpoint> {
  const networks = await openNetworks(files, options);
  const { classifier } = options;
  const opened = classifier
    ? { ...networks, classifier: await openGuidedClassifier(classifier, networks, usualNames) }
    : networks;
  refuseOddChannels(opened);
  refuseOtherClasses(opened);
  const checkpoint = { ...opened, classNames: opened.classNames ?? (await usualClassNames(opened)) };
  const { prediction } = options;
  if (prediction === undefined) return checkpoint;
  const scheduler = { ...checkpoint.scheduler, prediction_type: prediction };
  return { ...checkpoint, scheduler, predictionType: prediction, predictionKnown: true };
}

/** A classifier guides toward the class that the denoiser is told. */
function refuseOtherClasses({ architecture, facts, classifier }: Checkpoint): void {
  const { kind, classes } = architecture.conditioning({ denoiser: facts, textLayers: [] });
  if (kind !== 'class' || !classifier || classifier.names.length === classes) return;
  throw new EaselError(
    'corrupt',
    said`${classifier.name} tells ${classifier.names.length} classes apart, but the model has ${classes ?? 0} classes.`,
  );
}

/** How many classes ImageNet has, by which networks are trained most often. */
const IMAGENET = 1000;

/** What classes are called that are as many as ImageNet's, where the files do not say. */
async function usualClassNames({ architecture, facts }: Checkpoint): Promise<readonly string[] | undefined> {
  const { classes } = architecture.conditioning({ denoiser: facts, textLayers: [] });
  return usualNames(classes);
}

const usualNames = async (classes: number | undefined): Promise<readonly string[] | undefined> =>
  classes === IMAGENET ? (await import('../architectures/imagenet-names')).IMAGENET_NAMES : undefined;

/** Which released models take so many channels more than a latent has. */
const BESIDE_LATENT: Readonly<Partial<Record<number, Said>>> = {
  1: said`a depth map among them: it is a depth model`,
  3: said`a small picture among them: it is an upscaler`,
  4: said`a picture to be edited among them: it is an InstructPix2Pix model`,
};

/**
 * Text to image gives the UNet a latent, inpainting a mask and a masked latent more; others want depth maps or
 * pictures.
 */
function refuseOddChannels({ unet, autoencoder, architecture, facts, classMap }: Checkpoint): void {
  const { latentChannels } = autoencoder.config;
  const { inChannels } = unet.config;
  if (inChannels === latentChannels || inChannels === 2 * latentChannels + 1) return;
  const { spatial } = architecture.conditioning({ denoiser: facts, textLayers: [] });
  const shown = classMap?.config.channels ?? latentChannels;
  if (spatial && inChannels === latentChannels + shown) return;
  const beside = BESIDE_LATENT[inChannels - latentChannels];
  const what = beside ? said`, ${beside}` : '';
  throw new EaselError(
    'unsupported',
    said`${unet.name}: the UNet takes ${inChannels} channels${what}. Easel paints with models that take ${latentChannels}, or ${2 * latentChannels + 1} for inpainting.`,
  );
}

/** Whether a model is a checkpoint of one file, which brings no vocabulary of its own. */
export function isSingleFile(files: ModelFiles): boolean {
  return !files.list().includes('model_index.json') && rootWeights(files).length > 0;
}

function rootWeights(files: ModelFiles): string[] {
  return files.list().filter((path) => !path.includes('/') && WEIGHTS_FILE.test(path));
}

async function openNetworks(files: ModelFiles, options: CheckpointOptions): Promise<Checkpoint> {
  const paths = files.list();
  if (paths.includes('model_index.json')) return openDiffusers(files, options);
  const single = rootWeights(files);
  if (single.length === 1) return openSingleFile(files, single[0], options);
  if (single.length > 1) return openWithClassifier(files, single, options);
  throw new EaselError(
    'corrupt',
    said`"${files.name}" has no model_index.json and no checkpoint (.safetensors, .ckpt): it is not a whole model.`,
  );
}

/** A checkpoint of one file with a classifier beside it, as guided diffusion's are published. */
async function openWithClassifier(
  files: ModelFiles,
  paths: readonly string[],
  options: CheckpointOptions,
): Promise<Checkpoint> {
  // One that cannot be read says so when it is opened by itself.
  const isClassifier = async (path: string) =>
    openFile(files, path).then(
      ({ dict }) => isGuidedClassifier([...dict.entries.keys()]),
      () => false,
    );
  const guides = await Promise.all(paths.map(isClassifier));
  const [classifiers, models] = [true, false].map((is) => paths.filter((_, i) => guides[i] === is));
  if (classifiers.length !== 1 || models.length !== 1)
    throw new EaselError('bad-request', said`"${files.name}" holds ${paths.length} checkpoints. Choose one of them.`);
  const checkpoint = await openSingleFile(files, models[0], options);
  const [path] = classifiers;
  return { ...checkpoint, classifier: await openGuidedClassifier({ files, path }, checkpoint, usualNames) };
}

/**
 * Opens a single-file checkpoint in the original layout, in float32, float16 or bfloat16, pruned or not. Only its
 * header is read.
 * @throws EaselError `unsupported` saying what the file is instead; `corrupt` naming a missing or doubled key.
 */
export async function openSingleFile(
  files: ModelFiles,
  path: string,
  { vae }: CheckpointOptions = {},
): Promise<Checkpoint> {
  const weights = await openFile(files, path);
  expectPart(weights, ['checkpoint'], said`a whole model`);
  if (isGuidedDiffusion([...weights.dict.entries.keys()]))
    return openGuidedDiffusion(weights, await readUnetFlags(files));
  if (isLatentDiffusion([...weights.dict.entries.keys()]))
    return openLatentDiffusion(weights, await readUnetFlags(files), vae);
  const file = readOriginalFile(weights);
  const { facts, statedPrediction, hasZeroTerminalSnr, hasVae } = file;
  const architecture = architectureFor(facts, path);
  const { latent, originalTowers } = architecture;
  const networks = originalNetworks(file, originalTowers, latent.scaling);
  const { type, isKnown } = predictionOf(architecture, facts, statedPrediction, nameOfFile(path));
  const marked = architecture.marked?.(await markerNumbers(file));
  const separate = vae && inFormat(await openVae(vae, latent.scaling), marked?.latents);
  const openOwn = async () => (hasVae ? inFormat(networks.autoencoder(), marked?.latents) : undefined);
  const { warnings, ...autoencoders } = await chooseAutoencoder(openOwn, separate, path);
  return {
    name: nameOfFile(path),
    architecture,
    facts,
    unet: networks.unet,
    textTowers: networks.textTowers,
    classes: networks.classes,
    ...autoencoders,
    scheduler: {
      ...architecture.scheduler,
      ...marked?.scheduler,
      prediction_type: type,
      rescale_betas_zero_snr: hasZeroTerminalSnr,
    },
    predictionType: type,
    predictionKnown: isKnown,
    unusedKeys: networks.unusedKeys,
    warnings: [...networks.warnings, ...warnings],
    onUnused: 'warn',
  };
}

/** Latents of a codebook are in their entries' scale. */
const LATENT_DIFFUSION_SCALING = 1;

/** One of latent diffusion's models that neither text nor class enters. @param flags that it was trained with */
async function openLatentDiffusion(
  weights: WeightsFile,
  flags: Partial<UnetSettings> | undefined,
  vae: VaeFile | undefined,
): Promise<Checkpoint> {
  const { path, dict } = weights;
  const file = await readLatentDiffusion(weights, LATENT_DIFFUSION_SCALING, flags);
  const architecture = architectureFor(file.facts, path);
  const separate = vae && (await openVae(vae, LATENT_DIFFUSION_SCALING));
  const openOwn = async () => (hasOriginalVae(dict) ? file.autoencoder() : undefined);
  const { warnings, ...autoencoders } = await chooseAutoencoder(openOwn, separate, path);
  const sampleSize = latentSide(latentScaleOf(autoencoders.autoencoder.config), flags?.side);
  return {
    name: nameOfFile(path),
    architecture,
    facts: file.facts,
    unet: { ...file.unet, config: { ...file.unet.config, sampleSize } },
    textTowers: [],
    classMap: file.classMap,
    ...autoencoders,
    scheduler: { ...architecture.scheduler, ...(file.betas && { trained_betas: file.betas }) },
    predictionType: 'epsilon',
    predictionKnown: true,
    unusedKeys: file.unusedKeys,
    warnings: [...file.warnings, ...warnings],
    onUnused: 'warn',
  };
}

/** An autoencoder whose latents are marked to be in another format than its family's; TAESD's are in the UNet's. */
export function inFormat(
  network: Network<AutoencoderConfig>,
  latents: LatentFormat | undefined,
): Network<AutoencoderConfig> {
  if (!latents || network.config.kind === 'tiny') return network;
  return { ...network, config: { ...network.config, ...latents } };
}

/**
 * Which autoencoder a model paints with: one that was given, or its own. Its own may be broken while another stands in
 * for it.
 * @throws EaselError `unsupported` where it has none and none was given; whatever `openOwn` throws where none was
 *   given.
 */
async function chooseAutoencoder(
  openOwn: () => Promise<Network<AutoencoderConfig> | undefined>,
  separate: Network<AutoencoderConfig> | undefined,
  name: string,
): Promise<Pick<Checkpoint, 'autoencoder' | 'ownAutoencoder' | 'warnings'>> {
  if (separate) {
    try {
      return { autoencoder: separate, ownAutoencoder: await openOwn(), warnings: [] };
    } catch (thrown) {
      return { autoencoder: separate, ownAutoencoder: undefined, warnings: [brokenVae(thrown)] };
    }
  }
  const own = await openOwn();
  if (own) return { autoencoder: own, ownAutoencoder: own, warnings: [] };
  throw new EaselError(
    'unsupported',
    said`${name} has no autoencoder (VAE) of its own. Add one as a separate file, and choose it for this model.`,
  );
}

/** A sentence for a model whose own autoencoder cannot be used, where another is. */
export function brokenVae(thrown: unknown): Said {
  return said`The model’s own autoencoder (VAE) cannot be used: ${toEaselError(thrown).said}`;
}

/**
 * Latents of a codebook are in its entries' own scale; what a VQModel's configuration says of that is a default that
 * Stable Diffusion's latents left in diffusers.
 */
function inFamilysFormat(network: Network<AutoencoderConfig>, { latent }: Architecture): Network<AutoencoderConfig> {
  return inFormat(
    network,
    network.config.kind === 'vq' ? { scalingFactor: latent.scaling, shiftFactor: 0 } : undefined,
  );
}

/** Opens a folder in diffusers' layout, with what Easel's own models bring besides. */
async function openDiffusers(files: ModelFiles, { vae }: CheckpointOptions): Promise<Checkpoint> {
  const { facts, unet, textTowers, scheduler, autoencoder, classNames } = await openFolder(files);
  const architecture = architectureFor(facts, `"${files.name}"`);
  const towers = architecture.originalTowers.length;
  if (textTowers.length !== towers) {
    throw new EaselError(
      'corrupt',
      said`"${files.name}" has the UNet of ${familyLabel(architecture)}, whose text goes through ${towers} text encoders; model_index.json names ${textTowers.length}.`,
    );
  }
  if (vae && facts.pixels)
    throw new EaselError('unsupported', said`"${files.name}" paints pixels, not latents: choose no VAE for it.`);
  const separate = vae && (await openVae(vae, architecture.latent.scaling));
  const openOwn = async () => {
    if (facts.pixels) return identityOf(architecture, unet.config.inChannels, files.name);
    if (!autoencoder && vae) return undefined;
    return inFamilysFormat(await openAutoencoder(files, autoencoder ?? 'vae'), architecture);
  };
  const { warnings, ...autoencoders } = await chooseAutoencoder(openOwn, separate, files.name);
  const manifest = files.list().includes('manifest.json')
    ? parseManifest(await readJson(files, 'manifest.json'))
    : undefined;
  return {
    name: files.name,
    architecture,
    facts,
    unet,
    textTowers,
    classNames,
    ...autoencoders,
    scheduler,
    predictionType: scheduler.prediction_type,
    predictionKnown: true,
    unusedKeys: [],
    warnings,
    onUnused: 'error',
    classifier: await openNameClassifier(files),
    manifest,
    fastLora: manifest?.fast && (await openLora(files, manifest.fast.lora)),
  };
}
