import type { InputImage } from '../../core/image/picture';
import type { Result } from '../painted';
import type { PaintRun } from '../run';

/** A way to make a picture: makes it, or undefined where what is given and asked is for a recipe further on. */
export type Recipe = (run: PaintRun, given: InputImage | undefined) => Promise<Result | undefined>;
