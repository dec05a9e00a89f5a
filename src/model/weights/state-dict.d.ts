import type { ModelFiles } from '../types';
import { type TensorEntry } from './safetensors';
/** All tensors of one network by their key, in one file or in shards. Nothing but headers has been read. */
export interface StateDict {
    readonly entries: ReadonlyMap<string, TensorEntry>;
    /** A tensor's bytes as they stand in the file, or the bytes [from, to) of them. */
    read(key: string, from?: number, to?: number): Promise<Uint8Array>;
}
/**
 * Opens the weights in `folder` of a diffusers model: `STEM.safetensors`, a variant such as `STEM.fp16.safetensors`, or
 * shards listed by `STEM.safetensors.index.json`.
 * @throws EaselError `corrupt` for a missing or broken file or shard, `unsupported` where only pickled weights exist.
 */
export declare function openStateDict(files: ModelFiles, folder: string): Promise<StateDict>;
/** The tensors of one safetensors file, and its metadata. */
export declare function openFile(files: ModelFiles, path: string): Promise<{
    dict: StateDict;
    metadata: Readonly<Record<string, string>>;
}>;
/** A tensor as another network wants it: under another name, a part of its rows, the same bytes in another shape, or turned. */
export interface View {
    key: string;
    /** One of several equal parts of the rows: [1, 3] is the second third. */
    part?: readonly [index: number, of: number];
    /** For the same number of elements. */
    shape?: readonly number[];
    /** A matrix turned over: its rows become columns. */
    transpose?: boolean;
}
/**
 * The same tensors through other eyes, still unread: `views` says what each becomes (nothing at all, or several).
 * @throws EaselError `corrupt` naming the tensor that cannot be cut or turned so, or both where two would take one name.
 */
export declare function viewed(dict: StateDict, views: (key: string, entry: TensorEntry) => readonly View[]): StateDict;
/** The same tensors under other names; `rename` returns undefined for a tensor to leave out. */
export declare function renamed(dict: StateDict, rename: (key: string) => string | undefined): StateDict;
