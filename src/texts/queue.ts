import { pluralIn } from './plural';
import { section } from './section';

const plural = pluralIn('en');

/** Texts of `ui/queue`. */
export const texts = section('queue', {
  showWaiting: 'waiting: show the queue',
  queue: 'Queue',
  movedTo: (place: number, of: number) => `Moved to place ${place} of ${of}`,
  clearAll: 'Clear all',
  nothingIsWaiting: 'Nothing is waiting.',
  waiting: 'Waiting',
  cancelling: 'Cancelling',
  paintingOf: (picture: number, of: number) => `Painting ${picture} of ${of}`,
  painting: 'Painting',
  stop: (name: string) => `Stop ${name}`,
  move: (name: string, place: number, of: number) => `Move ${name}, place ${place} of ${of}: arrow keys`,
  remove: (name: string) => `Remove ${name} from the queue`,
  picturesLeft: (left: number, of: number) => `${left} of ${of} pictures left`,
  pictures: (count: number) => plural(count, { one: '1 picture', other: `${count} pictures` }),
  canvas: (prompt: string) => `Canvas: ${prompt}`,
  walk: (prompt: string) => `Walk: ${prompt}`,
  testRun: (prompt: string) => `Test run: ${prompt}`,
  upscale: (prompt: string) => `Upscale: ${prompt}`,
  /** As a name among others. */
  named: (prompt: string) => `“${prompt}”`,
});
