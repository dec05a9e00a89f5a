/**
 * How a picture comes to be: from words, in one pass or two; from a picture, or a part of one; or larger from one,
 * as it is or painted in tiles.
 */
export const RECIPE_IDS = ['text-to-image', 'hires', 'image-to-image', 'inpaint', 'upscale', 'sd-upscale'] as const;
export type RecipeId = (typeof RECIPE_IDS)[number];

/** What a picture was made of another one as. */
export const ORIGIN_WAYS = ['variation', 'hires', 'upscale', 'sd-upscale', 'between', 'detail'] as const;

/** The result that a picture was made of. */
export interface Origin {
  /** The result's, as its file's name says it. */
  number: number;
  way: (typeof ORIGIN_WAYS)[number];
  /** Of its record, as long as that is there. */
  id?: string;
  /** How, where the settings do not say it: "2× by Lanczos". */
  detail?: string;
}
