import { section } from './section';

/** Texts of `ui/gallery`. */
export const texts = section('gallery', {
  picture: 'Picture',
  notSaved: 'Not saved',
  pictureOf: (number: number, prompt: string) => `Picture ${number}: ${prompt}`,
  unsavedPictureOf: (number: number, prompt: string) => `Picture ${number}, not saved: ${prompt}`,
  results: 'Results',
  painting: 'Painting …',
  stopped: 'Stopped',
  allOfBatch: (count: number) => `All ${count} of the batch`,
  picturesWillAppearHere: 'Your pictures will appear here.',
});
