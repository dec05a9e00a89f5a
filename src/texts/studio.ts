import { pluralIn } from './plural';
import { section } from './section';

const plural = pluralIn('en');

/** As many names as a message holds. */
const MAX_NAMED = 4;

/** The first of some names, and how many more there are. */
function namesOf(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return names.slice(0, MAX_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** Texts of `ui/studio`, and of the lists and sets that people keep there. */
export const texts = section('studio', {
  wildcards: 'Wildcards',
  tags: 'Tags for completion',
  tagList: (name: string) => `the tag list ${name}`,
  addedTags: (name: string, count: number) => `${name}: ${count} tags are completed as you type.`,
  noTags: 'there are no tags in it. A list has one a line, or the columns name, type, count and other names.',
  brokenList: (name: string, why: string) => `${name}: ${why}`,
  deletedTags: (name: string) => `Deleted the tag list ${name}.`,
  tagCount: (count: number) => plural(count, { one: '1 tag', other: `${count} tags` }),
  suggestions: 'Suggestions',
  kinds: {
    name: 'model',
    lora: 'LoRA',
    embedding: 'embedding',
    trigger: 'trigger word',
    wildcard: 'wildcard',
    style: 'style',
    tag: 'tag',
  },
  openWildcards: 'Wildcards…',
  wildcardsHelp: 'A line of a list is chosen for each picture where the prompt says the list’s name.',
  newList: 'New list',
  addFiles: 'Add text files…',
  addFolder: 'Add a folder…',
  textFiles: 'Wildcard text files',
  textFolder: 'Wildcard folder',
  noWildcards: 'No lists yet. Drop text files with one value a line, or a folder of them, on the page.',
  lines: (count: number) => plural(count, { one: '1 line', other: `${count} lines` }),
  listName: 'Name',
  listLines: 'One value a line; # begins a comment',
  saidAs: (name: string) => `In prompts: __${name}__`,
  deleteList: (name: string) => `Delete ${name}`,
  deletedWildcard: (name: string) => `Deleted the wildcard list ${name}.`,
  wildcardList: (name: string) => `the wildcard list ${name}`,
  unread: {
    some: (count: number) =>
      plural(count, {
        one: '1 wildcard list could not be read, and stays on the disk.',
        other: `${count} wildcard lists could not be read, and stay on the disk.`,
      }),
    all: (why: string) => `Each wildcard list of earlier visits could not be read: ${why}`,
  },
  tagListsUnread: {
    some: (count: number) =>
      plural(count, {
        one: '1 tag list could not be read, and stays on the disk.',
        other: `${count} tag lists could not be read, and stay on the disk.`,
      }),
    all: (why: string) => `Each tag list of earlier visits could not be read: ${why}`,
  },
  addedWildcards: (names: readonly string[]) =>
    names.length === 0
      ? 'No wildcards were added.'
      : `Added wildcards: ${namesOf(names.map((name) => `__${name}__`))}.`,
  notTaken: (count: number) => `Not taken: ${count}`,
  tooLarge: (path: string) => `${path}: larger than 20 MB`,
  noText: (path: string) => `${path}: not a text file`,
  noLines: (path: string) => `${path}: no lines`,
  axesTaken: (count: number) =>
    plural(count, {
      one: 'Its axis stands in “X/Y/Z plot…”, in the menu beside the prompt.',
      other: `Its ${count} axes stand in “X/Y/Z plot…”, in the menu beside the prompt.`,
    }),
  useTemplate: 'Use its template',
  newListName: 'new list',
  openStyles: 'Styles and presets…',
  stylesAndPresets: 'Styles and presets',
  styles: 'Styles',
  presets: 'Presets',
  stylesHelp: 'What is ticked comes to every prompt, at {prompt} or behind it.',
  presetsHelp: 'A preset is what the form says now, under a name.',
  noStyles: 'No styles yet. Drop a styles.csv of A1111 on the page, or keep the prompts as one.',
  nameOfNew: 'Name',
  keepAsStyle: 'Keep the prompts as a style',
  keepAsPreset: 'Keep the settings as a preset',
  onlyForModel: (model: string) => `Only for ${model}`,
  forModel: (model: string) => `for ${model}`,
  use: 'Use',
  takePreset: (name: string) => `Use ${name}`,
  applyStyles: 'Put into the prompt',
  withoutStyle: (name: string) => `Without ${name}`,
  importFile: 'Import…',
  exportStyles: 'Save styles.csv',
  exportPresets: 'Save presets.json',
  stylesFile: 'Styles or presets file',
  theStyle: (name: string) => `the style ${name}`,
  thePreset: (name: string) => `the preset ${name}`,
  deletedStyle: (name: string) => `Deleted the style ${name}.`,
  deletedPreset: (name: string) => `Deleted the preset ${name}.`,
  savedPreset: (name: string) => `Kept the preset ${name}.`,
  tookPreset: (name: string) => `Settings taken from the preset ${name}.`,
  addedStyles: (count: number) => plural(count, { one: 'Added 1 style.', other: `Added ${count} styles.` }),
  addedPresets: (count: number) => plural(count, { one: 'Added 1 preset.', other: `Added ${count} presets.` }),
  appliedStyles: 'The styles are in the prompt.',
  noPresets: 'these are no presets of Easel.',
  stylesUnread: {
    some: (count: number) =>
      plural(count, {
        one: '1 style could not be read, and stays on the disk.',
        other: `${count} styles could not be read, and stay on the disk.`,
      }),
    all: (why: string) => `The styles of earlier visits could not be read: ${why}`,
  },
  presetsUnread: {
    some: (count: number) =>
      plural(count, {
        one: '1 preset could not be read, and stays on the disk.',
        other: `${count} presets could not be read, and stay on the disk.`,
      }),
    all: (why: string) => `The presets of earlier visits could not be read: ${why}`,
  },
  openPlot: 'X/Y/Z plot…',
  plot: 'X/Y/Z plot',
  plotHelp: 'Values on up to three axes: every combination is painted, and stands in a table.',
  plotCount: (count: number) => plural(count, { one: '1 picture', other: `${count} pictures` }),
  plotTime: (count: number, time: string) =>
    plural(count, { one: `1 picture, about ${time}`, other: `${count} pictures, about ${time}` }),
  paintPlot: 'Generate the plot',
  axisType: (letter: string) => `${letter} type`,
  axisValues: (letter: string) => `${letter} values`,
  valuesHelp: {
    numbers: '5, 10 or 1-9 (+2) or 1-10 [4]',
    flags: 'True, False',
    choices: (labels: readonly string[]) =>
      labels.map((label) => (label.includes(',') ? `"${label}"` : label)).join(', '),
    promptSr: 'What to look for, what to put there, …',
    checkpoint: 'Names of models, with commas between',
    vae: 'Names of VAEs, or None, Automatic',
    styles: 'Names of styles, with commas between',
    promptOrder: 'Parts to swap, with commas between',
    prompts: 'A prompt a line',
    promptMatrix: 'Of the prompt’s parts between bars',
  },
  tooManyPrompts: 'it is larger than a list of prompts for one plot can be (1 MB).',
  promptsFromFile: 'Prompts from a text file…',
  plotDone: (done: number, of: number) => `${done} of ${of} pictures`,
  savePlot: 'Save the plot as one PNG',
  showCell: (name: string) => `Show ${name}`,
  cellAgain: (name: string) => `Paint ${name} again`,
  paintingCell: 'Painting',
});
