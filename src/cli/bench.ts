/**
 * npm run bench [-- SUITE ...]. Numbers are for comparing within one run: machines are noisy.
 *
 * painting                     the starter on this machine's CPU provider, stage by stage
 * samplers                     every sampler's own time a step, and that of drawing noise
 * editor                       a 100 px brush on a 4096 x 4096 canvas, without a browser
 * canvas                       strokes on the page, in a browser, also while it paints
 * convergence [SAMPLER ...]    how far pictures of few steps are from one of many; writes what the lab plots
 * fuzz [KIND ...]              10,000 spoiled files of each kind
 * lora [METHOD ... | weight]   merging a file of each method for all of SD 1.5's UNet: time and memory; and a change
 *                              of a LoRA's weight, with and without a read of the model's file
 * kernels                      each of our own beside onnxruntime's, on this machine's graphics card
 * text [FUNCTION ...]          every function that reads text, on awkward texts
 * durability [LEFT KILLS [BROWSERS]]  what is lost where the page is left so often, the browser killed so often, the
 *                              disk full or the database another version's, in so many browsers side by side (one
 *                              for each four cores); ends with `lost N`
 * responsiveness [TRIAL ...]   the longest task on the page's thread while it is given what is too large or bad
 * opening [BUILD ...]          from the page's address to a ready model, for builds side by side
 * first-picture [BUILD ... VISITS]  from the page's address to the first picture, from this machine and at 12 Mbit/s
 * gallery                      2,000 stored results against 20
 * studio                       completion with 100,000 tags at each keystroke; a queued job without its picture
 * pictures SHEET ...           contact sheets that are kept in models/ (see bench/pictures.ts)
 * store [KILLS]                the browser killed so often while models are downloaded and copied; ends with
 *                              `survived N of N`; and megabytes a second of that
 */
import { canvas } from './bench/canvas';
import { convergence } from './bench/convergence';
import { durability } from './bench/durability';
import { editor } from './bench/editor';
import { firstPicture } from './bench/first-picture';
import { fuzz } from './bench/fuzz';
import { gallery } from './bench/gallery';
import { kernels } from './bench/kernels';
import { lora } from './bench/lora';
import { opening } from './bench/opening';
import { painting } from './bench/painting';
import { pictures } from './bench/pictures';
import { responsiveness } from './bench/responsiveness';
import { samplers } from './bench/samplers';
import { store } from './bench/store';
import { studio } from './bench/studio';
import { text } from './bench/text';

const SUITES: Readonly<Record<string, (names: readonly string[]) => Promise<void>>> = {
  painting,
  samplers,
  editor,
  canvas,
  convergence,
  fuzz,
  lora,
  kernels,
  text,
  durability,
  responsiveness,
  opening,
  'first-picture': firstPicture,
  gallery,
  pictures,
  store,
  studio,
};

const [wanted = 'painting', ...names] = process.argv.slice(2);
const suite = SUITES[wanted];
if (!suite) {
  console.error(`There is no suite "${wanted}". Known: ${Object.keys(SUITES).join(', ')}.`);
  process.exit(2);
}
await suite(names);
process.exit(0); // the provider's threads would keep Node alive
