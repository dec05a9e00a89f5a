/** How a picture comes to be: from words alone, from a picture, from what a mask says of one, or from one as it is. */
export const RECIPE_IDS = ['text-to-image', 'image-to-image', 'inpaint', 'upscale'] as const;
export type RecipeId = (typeof RECIPE_IDS)[number];
