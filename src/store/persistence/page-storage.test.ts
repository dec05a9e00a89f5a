import { beforeEach, expect, it } from 'vitest';
import { FakeStorage } from '../fixtures/fake-storage';
import { useStorage } from './database';
import { pageStorage } from './page-storage';

const told = () => useStorage.getState().settingsTrouble;

beforeEach(() => useStorage.setState({ settingsTrouble: undefined }));

it('is the browser’s where it has one', () => {
  const localStorage = new FakeStorage() as unknown as Storage;
  expect(pageStorage({ localStorage })).toBe(localStorage);
  expect(told()).toBeUndefined();
});

it('lasts as long as the page where site data is blocked, which is said', () => {
  const storage = pageStorage({
    get localStorage(): Storage {
      throw new DOMException('Access is denied for this document.', 'SecurityError');
    },
  });
  storage.setItem('a', '1');
  expect(storage.getItem('a')).toBe('1');
  storage.removeItem('a');
  expect(storage.getItem('a')).toBeNull();
  expect(told()).toContain('The browser keeps no settings for this page');
});
