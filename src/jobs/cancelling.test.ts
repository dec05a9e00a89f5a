import { expect, it } from 'vitest';
import { cancelAction } from './cancelling';

it.each([
  ['the first wish ends the picture alone', { cancelling: false, again: false, left: true }, 'skip'],
  ['also where nothing else is left', { cancelling: false, again: false, left: false }, 'skip'],
  [
    'a second one soon takes everything off, the picture ended or not',
    { cancelling: false, again: true, left: true },
    'clear',
  ],
  ['and while it has not ended', { cancelling: true, again: true, left: true }, 'clear'],
  ['a late one, too, while the picture does not end', { cancelling: true, again: false, left: true }, 'clear'],
  ['with nothing left to take off it ends the engine', { cancelling: true, again: true, left: false }, 'stop-engine'],
  ['but never for a picture that was not to end yet', { cancelling: false, again: true, left: false }, 'skip'],
] as const)('%s', (_, wish, action) => expect(cancelAction(wish)).toBe(action));
