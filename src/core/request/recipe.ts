/** How a picture comes to be: from words alone, in one pass or two; from a picture, or from what a mask says of one. */
export const RECIPE_IDS = ['text-to-image', 'hires', 'image-to-image', 'inpaint'] as const;
export type RecipeId = (typeof RECIPE_IDS)[number];

/** What a picture was made of another one as, by its settings. */
export const ORIGIN_WAYS = ['variation', 'hires'] as const;

/** The result that a picture was made of. */
export interface Origin {
  /** The result's, as its file's name says it. */
  number: number;
  way: (typeof ORIGIN_WAYS)[number];
}
