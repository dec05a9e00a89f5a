import { texts as app } from './app';
import { texts as queue } from './queue';
import { texts as studio } from './studio';

/** The table of all texts of the page, in English. The page takes it by sections, which come with their views. */
export const en = { app, queue, studio };

/** What a language has to have. */
export type Texts = typeof en;
