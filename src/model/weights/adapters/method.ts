import type { Product } from '../matrix-product';
import type { Role } from './keys';

/** A weight as a matrix: a row for each output, and in it each input as often as its kernel has pixels. */
export interface Target {
  rows: number;
  inputs: number;
  /** 1 for a linear layer or a bias. */
  pixels: number;
}

/** Floats of one row. */
export const columnsOf = ({ inputs, pixels }: Target): number => inputs * pixels;

export type Shape = readonly number[];

export const sizeOf = (shape: Shape): number => shape.reduce((total, side) => total * side, 1);

/** A module's tensors as a file's header tells of them. */
export interface Header {
  has(role: Role): boolean;
  /** Empty where the file has no such tensor. */
  shape(role: Role): Shape;
}

/** A module's tensors. */
export interface Tensors extends Header {
  /** All floats of a tensor, or those [from, to). */
  floats(role: Role, from?: number, to?: number): Promise<Float32Array>;
  /** A tensor's one number; undefined where the file has none. */
  number(role: Role): Promise<number | undefined>;
  /** OFT's limit for an output: alpha, or what training was told where that is alpha before it was rounded. */
  constraint(): Promise<number>;
  /** What a product of this rank is multiplied by: alpha / rank as it was trained, and a scalar where there is one. */
  scale(rank: number): Promise<number>;
}

/** What does not fit: a tensor the weight, or where `other` is named, another tensor of the same module. */
export interface Fault {
  role: Role;
  other?: Role;
}

/** What a module does to its weight. */
export interface Change {
  /** How many rows only change together, from a multiple of it on: those of one block, or all. */
  together: number;
  /** Changes rows in place. @param first the number of the first one */
  apply(values: Float32Array, first: number): void | Promise<void>;
  /** Where it does nothing but add products: those of some rows, which several changes may add at once. */
  products?(first: number, count: number): readonly Product[];
}

/** A way to write down how a weight W [outputs, inputs] was changed by training. */
export interface Method {
  /** As its authors call it. */
  readonly name: string;
  /** What it changes of a layer. */
  readonly of: 'weight' | 'bias';
  /** Whether a module has tensors of this method. */
  is(header: Header): boolean;
  /** A tensor that the method cannot do without and that the module does not have. */
  lacks(header: Header): Role | undefined;
  /** Why a module's tensors cannot be those of a weight. */
  fault(header: Header, target: Target): Fault | undefined;
  /** Inputs of the linear layer that a module was made for, where its tensors tell. */
  inputs?(header: Header): number | undefined;
  /** @param weight how strongly it acts: 1 is what it was trained at */
  change(tensors: Tensors, target: Target, weight: number): Promise<Change>;
}

/** The first of these tensors that a module does not have. */
export const firstMissing = ({ has }: Header, roles: readonly Role[]): Role | undefined =>
  roles.find((role) => !has(role));
