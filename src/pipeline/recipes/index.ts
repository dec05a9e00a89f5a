import { hires } from './hires';
import { imageToImage } from './image-to-image';
import { inpaint } from './inpaint';
import type { Recipe } from './recipe';
import { sdUpscale } from './sd-upscale';
import { shownPicture } from './shown-picture';
import { textToImage } from './text-to-image';

/** All ways to make a picture. The first one that takes a run up makes its picture; the last takes every one up. */
export const RECIPES: readonly Recipe[] = [shownPicture, sdUpscale, inpaint, imageToImage, hires, textToImage];
