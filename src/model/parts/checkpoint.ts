import { said } from '../../core/errors';
import { DECODER_PARAMETERS, type NetworkBytes } from '../../core/memory-need';
import type { Architecture } from '../architectures/architecture';
import { architectureFor, predictionOf } from '../architectures/index';
import { ldm } from '../architectures/ldm';
import { isGuidedDiffusion, readGuidedDiffusion } from '../layouts/guided-diffusion-file';
import { isLatentDiffusion } from '../layouts/latent-diffusion-file';
import { readOriginalFile } from '../layouts/original-file';
import { hasOriginalUnet, hasOriginalVae, originalRest, originalUnet, TEXT_TOWER } from '../weights/original-names';
import { nameOfFile, type StateDict, type WeightsFile } from '../weights/state-dict';
import { byKey, type FileReport, hasNo, keysOf, type Part } from './part';

/** Of the pictures that most of latent diffusion's first models were trained on, in pixels. */
const LATENT_SIDE = 256;

/** Of the pictures that a family was trained on which does not say, in pixels. */
const USUAL_SIDE = 512;

/** A whole model in one file: a denoiser and what reads the text; an autoencoder of its own may be missing. */
export const checkpoint: Part = {
  kind: 'checkpoint',
  what: said`a whole model`,
  recognise(file) {
    if (isGuidedDiffusion(keysOf(file))) return { is: true, because: said`it has the keys of guided diffusion` };
    if (isLatentDiffusion(keysOf(file)) && hasOriginalVae(file.dict))
      return { is: true, because: said`it has a UNet without text and an autoencoder` };
    if (!hasOriginalUnet(keysOf(file))) return hasNo(said`UNet in the original layout`);
    return byKey(file, (key) => TEXT_TOWER.test(key), said`text encoder beside the UNet`);
  },
  report(file) {
    if (isGuidedDiffusion(keysOf(file))) return guidedDiffusionReport(file);
    if (isLatentDiffusion(keysOf(file))) return latentDiffusionReport(file);
    const { facts, statedPrediction, hasVae } = readOriginalFile(file);
    const architecture = architectureFor(facts, file.path);
    const { type, isKnown, differs } = predictionOf(architecture, facts, statedPrediction, nameOfFile(file.path));
    const { id, label } = architecture;
    const config = { denoiser: facts, scheduler: architecture.scheduler, predictionType: type, textLayers: [] };
    const { width: side = USUAL_SIDE } = architecture.defaults(config, nameOfFile(file.path));
    return {
      kind: 'model',
      architecture: { id, label },
      predictionType: type,
      predictionKnown: isKnown,
      ...(differs && { asksPrediction: true }),
      hasVae,
      shape: { parameters: parametersOf(file, architecture), side },
    };
  },
};

/** A network alone, which denoises pixels. */
function guidedDiffusionReport(file: WeightsFile): FileReport {
  const { unet, facts } = readGuidedDiffusion(file);
  const { id, label } = architectureFor(facts, file.path);
  const parameters = { text: 0, unet: parametersIn(unet.weights), decoder: 0 };
  return {
    kind: 'model',
    architecture: { id, label },
    predictionType: 'epsilon',
    predictionKnown: true,
    hasVae: true,
    shape: { parameters, side: unet.config.sampleSize ?? USUAL_SIDE },
  };
}

/** A model that neither text nor class enters: its header tells nothing more than its family. */
function latentDiffusionReport(file: WeightsFile): FileReport {
  const parameters = parametersOf(file, ldm);
  return {
    kind: 'model',
    architecture: { id: ldm.id, label: ldm.label },
    predictionType: 'epsilon',
    predictionKnown: true,
    hasVae: hasOriginalVae(file.dict),
    shape: { parameters, side: LATENT_SIDE },
  };
}

/** Numbers in the weights that painting takes, by network; of a usual decoder where the file has none. */
function parametersOf({ dict }: WeightsFile, { originalTowers }: Architecture): NetworkBytes {
  const { vae, towers } = originalRest(dict, originalTowers);
  const decoder = parametersIn(vae, (key) => /^(decoder|post_quant_conv)\./.test(key));
  return {
    text: towers.reduce((sum, tower) => sum + parametersIn(tower), 0),
    unet: parametersIn(originalUnet(dict)),
    decoder: decoder || DECODER_PARAMETERS,
  };
}

function parametersIn({ entries }: StateDict, counts: (key: string) => boolean = () => true): number {
  const shapes = Array.from(entries, ([key, { shape }]) => (counts(key) ? shape : [0]));
  return shapes.reduce((sum, shape) => sum + shape.reduce((product, side) => product * side, 1), 0);
}
