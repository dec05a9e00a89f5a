import { pluralIn } from './plural';
import { section } from './section';

const plural = pluralIn('en');

const pictures = (count: number) => plural(count, { one: '1 picture', other: `${count} pictures` });

/** Texts of img2img over a folder. */
export const texts = section('folder', {
  title: 'Batch img2img',
  open: 'Batch img2img…',
  help: 'Every picture of a folder is painted from once, with the form’s prompt and settings, and written under its own name.',
  from: 'From',
  to: 'To',
  chooseFolder: 'Choose a folder…',
  choosePictures: 'Choose pictures…',
  chosen: (name: string, count: number) => (name === '' ? pictures(count) : `${name}: ${pictures(count)}`),
  leftOut: (count: number) =>
    plural(count, {
      one: '1 other file or folder is left out',
      other: `${count} other files and folders are left out`,
    }),
  byZip: 'This browser lets no page write into a folder: the pictures come as a ZIP at the end, or when you stop.',
  readAgain: (name: string) => `Read “${name}” again`,
  notKept: (name: string, why: string) => `“${name}” could not be kept for the next visit: ${why}`,
  earlierUnread: (why: string) => `The folders of the last visit could not be read: ${why}`,
  notReadable: (name: string) => `The page may not read “${name}”. Choose it again.`,
  sameFolder: 'Choose another folder to write to: in the same one, what is painted would stand in the pictures’ place.',
  noPictures: (name: string) => `There is no picture in “${name}”: PNG, JPEG, WebP, AVIF, GIF and BMP are read.`,
  followsPicture: 'Each is painted in its own ratio, at about the size that the model likes best.',
  ofForm: (width: number, height: number) => `Each is painted at ${width} × ${height}, as the form says.`,
  start: 'Paint them',
  goOn: 'Go on',
  stop: 'Stop',
  progress: (done: number, of: number) => `${done} of ${of}`,
  now: (name: string, left?: string) => (left === undefined ? name : `${name} · about ${left} left`),
  there: (count: number) => plural(count, { one: '1 was there already', other: `${count} were there already` }),
  failed: (name: string, why: string) => `${name}: ${why}`,
  noted: (name: string, note: string) => `${name}: ${note}`,
  notPainted: 'Not painted or painted otherwise',
  finished: (count: number, folder: string) =>
    folder === '' ? `Painted ${pictures(count)}.` : `Painted ${pictures(count)} into “${folder}”.`,
  notAll: (count: number) => plural(count, { one: '1 could not be painted.', other: `${count} could not be painted.` }),
  stopped: 'Stopped. What is done stays; go on whenever you like.',
  unread: (name: string, why: string) => `“${name}” could not be read: ${why}`,
  notAllowed: (name: string) => `The page may not write into “${name}” any more. Choose it again and go on.`,
  diskFull: 'The disk is full. Make room and go on.',
  gone: (name: string) => `“${name}” is no longer there. Choose a folder again and go on.`,
  notWritten: (name: string, why: string) => `${name} could not be written (${why}).`,
  inResults: 'The picture that could not be written is among the results.',
});
