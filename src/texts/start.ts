import { section } from './section';

/**
 * What stands outside the page itself: in index.html before a script runs, and in the web app manifest, which shows at
 * installing. The build writes them there, so both are in one language: no script that could choose another has run.
 */
export const texts = section('start', {
  name: 'Easel',
  description: 'Paints pictures from words, entirely in your browser. Nothing is uploaded.',
  /** @param folder, ending, type what a host has to see to */
  notStarted: (folder: string, ending: string, type: string) =>
    `Easel is still on its way, or could not start. If this stays, reload the page. If you host it: all of the folder ${folder} must be there, and ${ending} files must be sent as ${type}.`,
  noScript: 'Easel paints inside the browser and needs JavaScript for it.',
  wideScreenshot: 'A picture painted from a prompt, with its settings beside it',
  narrowScreenshot: 'The same on a phone',
});
