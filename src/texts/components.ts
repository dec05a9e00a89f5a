import { section } from './section';

/** Texts of `ui/components`. */
export const texts = section('components', {
  close: 'Close',
  noPrompt: 'No prompt',
  ofClass: (label: number) => `Class ${label}`,
  pictureCopied: 'Picture copied.',
  pictureNotCopied: 'The browser did not allow copying. Download the picture instead.',
  notCopied: 'The browser did not allow copying.',
  withDefault: (help: string, standard: number) => `${help} Default: ${standard}.`,
  search: 'Search',
  nothingFound: 'Nothing found.',
  triggerWords: 'Trigger words',
});
