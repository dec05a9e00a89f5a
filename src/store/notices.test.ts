import { beforeEach, expect, it } from 'vitest';
import { notify, useNotices } from './notices';

const texts = () => useNotices.getState().notices.map(({ text }) => text);

beforeEach(() => useNotices.setState({ notices: [] }));

it('keeps what is to stay, once, beside the last three of the others', () => {
  notify('Stays.', undefined, { stays: true });
  for (const text of ['1', '2', '3', '4']) notify(text);
  expect(texts()).toEqual(['Stays.', '2', '3', '4']);
  notify('Stays.', undefined, { stays: true });
  expect(texts()).toEqual(['2', '3', '4', 'Stays.']);
});
