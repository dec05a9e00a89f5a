import { said } from '../../core/errors';
import { embeddingKeys, readEmbedding } from '../weights/textual-inversion';
import { has, hasNo, type Part } from './part';

/** A textual inversion. */
export const embedding: Part = {
  kind: 'embedding',
  what: said`a textual inversion`,
  recognise({ dict }) {
    const keys = embeddingKeys(dict);
    return keys ? has(keys[0]) : hasNo(said`vectors of a word`);
  },
  report: (file) => ({ kind: 'embedding', word: readEmbedding(file).word }),
};
