import { said } from '../../core/errors';
import { isGuidedClassifier, readGuidedClassifier } from '../layouts/guided-classifier-file';
import { hasNo, keysOf, type Part } from './part';

/** A classifier of pictures with noise, which guides a pixel model to a class. */
export const classifier: Part = {
  kind: 'classifier',
  what: said`a classifier for guidance`,
  recognise(file) {
    if (isGuidedClassifier(keysOf(file)))
      return { is: true, because: said`it has the keys of guided diffusion’s classifier` };
    return hasNo(said`way down of a network with classes after it`);
  },
  report(file) {
    readGuidedClassifier(file);
    return { kind: 'classifier' };
  },
};
