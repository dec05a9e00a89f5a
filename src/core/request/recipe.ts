/** How a picture comes to be: from words alone, in one pass or two; from a picture, or from what a mask says of one. */
export const RECIPE_IDS = ['text-to-image', 'hires', 'image-to-image', 'inpaint'] as const;
export type RecipeId = (typeof RECIPE_IDS)[number];
