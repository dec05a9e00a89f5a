import { architectureFor, predictionOf } from '../architectures/index';
import { readOriginalFile } from '../layouts/original-file';
import { hasOriginalUnet, TEXT_TOWER } from '../weights/original-names';
import { nameOfFile } from '../weights/state-dict';
import { byKey, hasNo, keysOf, type Part } from './part';

/** A whole model in one file: a denoiser and what reads the text; an autoencoder of its own may be missing. */
export const checkpoint: Part = {
  kind: 'checkpoint',
  what: 'a whole model',
  recognise(file) {
    if (!hasOriginalUnet(keysOf(file))) return hasNo('UNet in the original layout');
    return byKey(file, (key) => TEXT_TOWER.test(key), 'text encoder beside the UNet');
  },
  report(file) {
    const { facts, statedPrediction, hasVae } = readOriginalFile(file);
    const architecture = architectureFor(facts, file.path);
    const { type, isKnown, differs } = predictionOf(architecture, facts, statedPrediction, nameOfFile(file.path));
    const { id, label } = architecture;
    return {
      kind: 'model',
      architecture: { id, label },
      predictionType: type,
      predictionKnown: isKnown,
      ...(differs && { asksPrediction: true }),
      hasVae,
    };
  },
};
