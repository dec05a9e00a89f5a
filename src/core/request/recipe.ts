/** How a picture comes to be: from words alone, from a picture, or from what a mask says of one. */
export type RecipeId = 'text-to-image' | 'image-to-image' | 'inpaint';
