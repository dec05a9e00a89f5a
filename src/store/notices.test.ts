import { beforeEach, expect, it, vi } from 'vitest';
import { notify, undoBy, undoNoticed, useNotices } from './notices';

const texts = () => useNotices.getState().notices.map(({ text }) => text);

beforeEach(() => useNotices.setState({ notices: [] }));

it('keeps what is to stay, once, beside the last three of the others', () => {
  notify('Stays.', undefined, { stays: true });
  for (const text of ['1', '2', '3', '4']) notify(text);
  expect(texts()).toEqual(['Stays.', '2', '3', '4']);
  notify('Stays.', undefined, { stays: true });
  expect(texts()).toEqual(['2', '3', '4', 'Stays.']);
});

it('shows the latest of those about the same', () => {
  notify('1 result could not be read.', undefined, { about: 'unreadable result' });
  notify('Another.');
  notify('3 results could not be read.', undefined, { about: 'unreadable result' });
  expect(texts()).toEqual(['Another.', '3 results could not be read.']);
});

it('takes back the latest of what can be taken back, once', () => {
  const undone: string[] = [];
  expect(undoNoticed()).toBe(false);
  notify(
    'First deleted.',
    undoBy(() => undone.push('first')),
  );
  notify(
    'Second deleted.',
    undoBy(() => undone.push('second')),
  );
  const other = vi.fn();
  notify('Not that.', { label: 'Show', run: other });
  expect(undoNoticed()).toBe(true);
  expect(undone).toEqual(['second']);
  expect(texts()).toEqual(['First deleted.', 'Not that.']);
  expect(undoNoticed()).toBe(true);
  expect(undoNoticed()).toBe(false);
  expect(undone).toEqual(['second', 'first']);
  expect(other).not.toHaveBeenCalled();
});
