import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FakeDocument } from '../fixtures/fake-storage';
import { dismissUnsaved, markSaved, markUnsaved, unsavedMessage, useUnsaved, watchUnsaved } from './unsaved';

const message = () => unsavedMessage(useUnsaved.getState());
const thing = (what: string, why: string, retry: () => void = () => undefined) => ({ what, why, retry });

beforeEach(() => useUnsaved.setState(useUnsaved.getInitialState(), true));
afterEach(() => vi.useRealTimers());

it('names everything in one message, and each reason once', () => {
  markUnsaved('results', thing('1 picture', 'The disk is full.'));
  markUnsaved('results', thing('2 pictures', 'The disk is full.'));
  markUnsaved('canvas', thing('the canvas', 'The disk is full.'));
  markUnsaved('settings', thing('the settings', 'There is no room.'));
  expect(message()).toBe('Not saved: 2 pictures, the canvas, and the settings. The disk is full. There is no room.');
  for (const id of ['settings', 'canvas', 'results']) markSaved(id);
  expect(message()).toBeUndefined();
});

it('stays dismissed while the same is unsaved for the same reason', () => {
  markUnsaved('results', thing('1 picture', 'The disk is full.'));
  dismissUnsaved();
  markUnsaved('results', thing('2 pictures', 'The disk is full.'));
  expect(message()).toBeUndefined();
  markUnsaved('canvas', thing('the canvas', 'The disk is full.'));
  expect(message()).toContain('2 pictures and the canvas');
  dismissUnsaved();
  markSaved('results');
  markUnsaved('results', thing('1 picture', 'The disk is full.'));
  expect(message()).toContain('1 picture');
});

it('tries the others again when one is saved', () => {
  const retry = vi.fn(() => markSaved('canvas'));
  markUnsaved('canvas', thing('the canvas', 'The disk is full.', retry));
  markSaved('results'); // nothing of it was unsaved
  expect(retry).not.toHaveBeenCalled();
  markUnsaved('results', thing('1 picture', 'The disk is full.'));
  markSaved('results');
  expect(retry).toHaveBeenCalledTimes(1);
  expect(message()).toBeUndefined();
});

it('tries again from time to time and when the page is shown, and asks before it is left, only while something is unsaved', () => {
  vi.useFakeTimers();
  const document = new FakeDocument();
  const page = Object.assign(new EventTarget(), { document }) as unknown as Window & EventTarget;
  const leave = () => page.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  const retry = vi.fn();
  const stop = watchUnsaved(page);
  expect(leave()).toBe(true);
  markUnsaved('results', thing('1 picture', 'The disk is full.', retry));
  expect(leave()).toBe(false);
  dismissUnsaved();
  expect(leave()).toBe(false);
  document.show('hidden');
  expect(retry).toHaveBeenCalledTimes(0);
  document.show();
  expect(retry).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(60_000);
  expect(retry).toHaveBeenCalledTimes(3);
  markSaved('results');
  expect(leave()).toBe(true);
  vi.advanceTimersByTime(60_000);
  document.show();
  expect(retry).toHaveBeenCalledTimes(3);
  markUnsaved('results', thing('1 picture', 'The disk is full.', retry));
  stop();
  expect(leave()).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
