import { pluralIn } from './plural';
import { section } from './section';

const plural = pluralIn('en');

let days: Intl.DateTimeFormat | undefined; // its first use takes time that the page's start has not

/** Texts of `ui/gallery-view`. */
export const texts = section('galleryView', {
  gallery: 'Gallery',
  results: 'Results by day',
  searchResults: 'Search results',
  searchExample: 'Words, "a phrase", -not this, steps:20',
  model: 'Model',
  allModels: 'All models',
  sampler: 'Sampler',
  allSamplers: 'All samplers',
  size: 'Size',
  allSizes: 'All sizes',
  board: 'Board',
  allResults: 'All results',
  anyHelp: 'Whatever it is',
  noModel: 'Unknown model',
  noSampler: 'Unknown sampler',
  favouritesOnly: 'Favourites only',
  select: 'Select',
  count: (count: number) => plural(count, { one: '1 result', other: `${number(count)} results` }),
  partOf: (found: number, of: number) => `${number(found)} of ${number(of)}`,
  reading: 'Reading the results …',
  nothingYet: 'Your pictures will appear here.',
  goPaint: 'Go to Paint',
  nothingFound: 'Nothing found.',
  showAll: 'Show all results',
  day: (day: Date) => {
    days ??= new Intl.DateTimeFormat('en-GB', { dateStyle: 'full' });
    return days.format(day);
  },
  today: 'Today',
  yesterday: 'Yesterday',
  picture: 'Picture',
  favouriteOf: (picture: string) => `${picture}, favourite`,
  favourite: 'Favourite',
  fit: 'Fit',
  addFavourite: 'Add to favourites',
  removeFavourite: 'Remove from favourites',
  selectPicture: 'Select the picture',
  selected: (count: number) => `${number(count)} selected`,
  selectionActions: 'Actions with the selected',
  open: 'Open',
  keyEnter: 'Enter',
  compare: 'Compare the two',
  boards: 'Boards',
  addTo: (name: string) => `Add to “${name}”`,
  takeOff: (name: string) => `Take off “${name}”`,
  deleteBoard: (name: string) => `Delete the board “${name}”`,
  newBoard: 'New board',
  boardName: 'Name of the new board',
  create: 'Create',
  boardsHelp: 'A board is a named set of results. They stay where they are.',
  saveZip: 'Save as ZIP',
  savingFiles: 'Save results as files',
  fileNames: 'Names of the files',
  example: (name: string) => `As in: ${name}`,
  unknownWords: (words: readonly string[]) =>
    plural(words.length, {
      one: `${words[0]} is not a word for names, and stays as it is.`,
      other: `${words.join(', ')} are not words for names, and stay as they are.`,
    }),
  words: 'Words for names',
  png: 'PNG',
  settingsInFiles:
    'The settings are in each file, as in A1111. A ZIP of selected results has the same names and format.',
  noFolders: 'This browser lets no page write into a folder (Chrome and Edge do): Save all makes a ZIP.',
  autosave: 'Autosave',
  autosaveHelp: 'Writes every result from now on into a folder of yours.',
  savedInto: (folder: string) => `Every new result is written into “${folder}”.`,
  allowAgain: 'Try again',
  otherFolder: 'Another folder',
  chooseFolder: 'Choose a folder',
  stopAutosave: 'Stop',
  savingAll: (done: number, of: number) => `Saving ${number(done)} of ${number(of)} …`,
  cancel: 'Cancel',
  saveAll: (count: number) => plural(count, { one: 'Save all (1)', other: `Save all (${number(count)})` }),
  deleteSelected: 'Delete',
  clearSelection: 'Clear the selection',
  fullSize: 'Picture in full size',
  placeOf: (place: number, of: number) => `${number(place)} of ${number(of)}`,
  previous: 'Previous picture',
  next: 'Next picture',
  actualSize: 'Actual size / fit',
  showInPaint: 'Show in Paint',
  close: 'Close',
  withoutPrompt: 'Picture without a prompt',
  comparison: 'Two pictures compared',
  comparisonBy: 'Compared',
  sideBySide: 'Side by side',
  slider: 'Slider',
  shareOfFirst: 'Share of the first picture',
  shortSettings: (of: { number: number; size: string; seed: number; sampler: string; steps: number; model: string }) =>
    `${of.number} · ${of.model} · ${of.size} · seed ${of.seed} · ${of.sampler}, ${of.steps} steps`,
});

/** As `10,000`. */
function number(of: number): string {
  return of.toLocaleString('en-GB');
}
