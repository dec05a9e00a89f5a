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
  doneSelecting: 'Done selecting',
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
  zipSaved: (count: number) =>
    plural(count, { one: '1 picture saved as a ZIP.', other: `${number(count)} pictures saved as a ZIP.` }),
  zipLacks: (missing: number, of: number) =>
    `${number(missing)} of ${number(of)} pictures could not be put in the ZIP.`,
  why: 'Why',
  noLongerThere: 'A picture is no longer on the disk.',
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
