import type { ModelFiles } from '../types';
import { type StateDict } from './state-dict';
/**
 * Textual inversion (Gal et al. 2022): a few vectors that stand for a word, as further rows of the text tower's token table.
 * Two forms: diffusers' (one tensor, named by its word) and A1111's (`emb_params`, named by the file; SDXL: `clip_l`, `clip_g`).
 */
export interface Embedding {
    /** The word that stands for it in a prompt. */
    word: string;
    vectors: number;
    /** Keys for the first and the second tower. */
    keys: readonly string[];
    dict: StateDict;
}
/**
 * Opens an embedding; its vectors are not read yet.
 * @throws EaselError `unsupported` or `corrupt` naming the file and what is wrong with it.
 */
export declare function openEmbedding(files: ModelFiles, path: string): Promise<Embedding>;
/** The ids that stand for each embedding's word, when they follow one another after a vocabulary of this size. */
export declare function embeddingIds(embeddings: readonly Embedding[], vocabulary: number): Map<string, number[]>;
/**
 * A text tower's weights with the embeddings' vectors below its token table.
 * @param tower which of the model's towers, of how many
 * @throws EaselError `unsupported` naming an embedding of another family, by its width or its towers.
 */
export declare function withEmbeddings(dict: StateDict, embeddings: readonly Embedding[], tower: {
    index: 0 | 1;
    of: number;
}): StateDict;
