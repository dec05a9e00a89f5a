import type { Box, Size } from '../core/image/picture';
import type { Plot } from '../core/request/axes';
import { resultSize } from '../core/request/hires';
import type { Origin, RecipeId } from '../core/request/recipe';
import type { GenerationRequest } from '../core/request/request';
import type { Walk } from '../core/request/walk';

/**
 * Something to paint from, by its content: a port of whoever runs the job knows where the bytes lie. The reference is
 * made once for all jobs that use it, so that the bytes can go when no job holds it any more.
 */
export interface BlobRef {
  readonly kind: 'picture' | 'mask';
  /** SHA-256 of the bytes, in hex. */
  readonly hash: string;
}

/** Which sink takes a job's pictures; the page and the command line have their own. */
export type SinkId = string;

/** What is to be painted, with what and for whom. It is plain data, so that it can outlive the page. */
export interface Job {
  readonly id: string;
  /** The model's record in the library, or its path; undefined where none was known yet: the first that comes then. */
  readonly model?: string;
  /** Of a plot's picture: its autoencoder's record, null the model's own; as chosen for the model where left out. */
  readonly vae?: string | null;
  readonly recipe: RecipeId;
  /** Its seed is drawn. */
  readonly request: GenerationRequest;
  readonly inputs: readonly BlobRef[];
  readonly sink: SinkId;
  /** The place on the canvas that the inputs show, where there is one. */
  readonly place?: Box;
  /** The result that its pictures are made of, where they are of one. */
  readonly origin?: Origin;
  /** Of a child: the job whose picture it is. */
  readonly parent?: string;
  /** Of a walk's child: the other end, and the share of it. */
  readonly mix?: Walk;
  /** Of a plot: what its cells stand for, and on which axes. */
  readonly plot?: Plot;
  /** Of one of a plot's pictures: its cell, the first axis first; and whose, where it is painted again. */
  readonly cell?: { readonly at: number; readonly plot?: string };
  /** Of a picture that is made larger: how. */
  readonly enlargement?: Enlargement;
}

/** A finished picture is made larger. */
export interface Enlargement {
  /** A filter's id, or of a network's record in the library. */
  readonly upscaler: string;
  /** How many times. */
  readonly factor: number;
  /** A1111's text of it, which goes along. */
  readonly parameters: string;
}

/** The size that a job's picture is painted at in the end, in pixels. */
export const sizeOf = ({ recipe, request }: Pick<Job, 'recipe' | 'request'>): Size =>
  recipe === 'hires' ? resultSize(request) : { width: request.width, height: request.height };

/** The recipe that some inputs and a request ask for. */
export function recipeFor(
  inputs: readonly Pick<BlobRef, 'kind'>[],
  { hires = false, sdUpscale = false }: Pick<GenerationRequest, 'hires' | 'sdUpscale'> = {},
): RecipeId {
  if (inputs.length === 0) return hires ? 'hires' : 'text-to-image';
  if (inputs.some(({ kind }) => kind === 'mask')) return 'inpaint';
  return sdUpscale ? 'sd-upscale' : 'image-to-image';
}
