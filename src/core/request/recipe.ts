/** How a picture comes to be: from words, in one pass or two; from a picture; from what a mask says of one; or larger. */
export const RECIPE_IDS = ['text-to-image', 'hires', 'image-to-image', 'inpaint', 'upscale'] as const;
export type RecipeId = (typeof RECIPE_IDS)[number];
