import { texts as app } from './app';
import { texts as axes } from './axes';
import { texts as canvas } from './canvas';
import { texts as catalogue } from './catalogue';
import { texts as components } from './components';
import { texts as errors } from './errors';
import { texts as families } from './families';
import { texts as fields } from './fields';
import { texts as fileKinds } from './file-kinds';
import { texts as folder } from './folder';
import { texts as gallery } from './gallery';
import { texts as galleryView } from './gallery-view';
import { texts as lab } from './lab';
import { texts as live } from './live';
import { texts as models } from './models';
import { texts as queue } from './queue';
import { texts as settings } from './settings';
import { texts as stage } from './stage';
import { texts as start } from './start';
import { texts as store } from './store';
import { texts as studio } from './studio';
import { texts as tools } from './tools';

/** The table of all texts of the page, in English. The page takes it by sections, which come with their views. */
export const en = {
  app,
  axes,
  canvas,
  catalogue,
  components,
  errors,
  families,
  fields,
  fileKinds,
  folder,
  gallery,
  galleryView,
  lab,
  live,
  models,
  queue,
  settings,
  stage,
  start,
  store,
  studio,
  tools,
};

/** What a language has to have. */
export type Texts = typeof en;
