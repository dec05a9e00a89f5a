import { beforeEach, expect, it } from 'vitest';
import { FakeStorage } from './fixtures/fake-storage';
import { useNotices } from './notices';
import { pageStorage } from './page-storage';

const texts = () => useNotices.getState().notices.map(({ text }) => text);

beforeEach(() => useNotices.setState({ notices: [] }));

it('is the browser’s where it has one', () => {
  const localStorage = new FakeStorage() as unknown as Storage;
  expect(pageStorage({ localStorage })).toBe(localStorage);
  expect(texts()).toEqual([]);
});

it('lasts as long as the page where site data is blocked, which is said once', () => {
  const storage = pageStorage({
    get localStorage(): Storage {
      throw new DOMException('Access is denied for this document.', 'SecurityError');
    },
  });
  storage.setItem('a', '1');
  expect(storage.getItem('a')).toBe('1');
  storage.removeItem('a');
  expect(storage.getItem('a')).toBeNull();
  expect(texts()).toEqual([expect.stringContaining('This browser keeps nothing for this page')]);
});
