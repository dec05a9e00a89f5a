import { beforeEach, expect, it } from 'vitest';
import { create } from 'zustand';
import { FakeStorage, fakeDocument } from '../fixtures/fake-storage';
import { fieldsOf, mergedFields, persistSlot, readSlot, type Slot } from './persisted';
import { retryUnsaved, unsavedMessage, useUnsaved } from './unsaved';

interface Look {
  theme: string;
  panel?: string;
  /** A record, whose fields count by themselves. */
  sizes?: { wide?: number; high?: number };
}

const SLOT: Slot<Look> = {
  key: 'test',
  label: 'the look',
  v: 3,
  migrations: {
    1: (value) => ({ dark: value === 'dark' }),
    2: (value) => ({ theme: (value as { dark: boolean }).dark ? 'dark' : 'light' }),
  },
  parse: (value) => fieldsOf(value) as unknown as Look,
  merge: mergedFields,
};

let storage: FakeStorage;

/** A tab that keeps the slot; it is shown and hidden by its document. */
function tab() {
  const document = fakeDocument();
  const store = create<Look>(() => ({ theme: 'light' }));
  const close = persistSlot(SLOT, store, storage);
  return { document, store, close };
}

const holding = (text: string) => {
  storage.kept.set('test', text);
  return storage;
};
const lying = () => readSlot(SLOT, storage);

beforeEach(() => {
  storage = new FakeStorage();
  useUnsaved.setState(useUnsaved.getInitialState(), true);
});

it('lifts old values one version at a time', () => {
  expect(readSlot(SLOT, holding('{"v":1,"value":"dark"}'))).toEqual({ theme: 'dark' });
  expect(readSlot(SLOT, holding('{"v":2,"value":{"dark":false}}'))).toEqual({ theme: 'light' });
});

it('leaves values of a newer or unknown version alone', () => {
  expect(readSlot(SLOT, holding('{"v":4,"value":{}}'))).toBeUndefined();
  expect(readSlot(SLOT, holding('{"v":0,"value":{}}'))).toBeUndefined();
});

it('does not write over what a newer version wrote, and says so', () => {
  const newer = '{"v":4,"value":{"theme":"sepia"}}';
  const { store } = tab();
  holding(newer);
  store.setState({ theme: 'dark' });
  expect(storage.kept.get('test')).toBe(newer);
  expect(unsavedMessage(useUnsaved.getState())).toBe(
    'Not saved: the look. A newer Easel has written them. Reload to get it.',
  );
});

it('says that a full storage keeps nothing, and writes all of it once there is room', () => {
  const { store } = tab();
  storage.full = true;
  store.setState({ theme: 'dark' });
  store.setState({ panel: 'left' });
  expect(unsavedMessage(useUnsaved.getState())).toMatch(/^Not saved: the look\. The browser’s room .* is full/);
  storage.full = false;
  retryUnsaved();
  expect(unsavedMessage(useUnsaved.getState())).toBeUndefined();
  expect(lying()).toEqual({ theme: 'dark', panel: 'left' });
});

it('keeps the last change of each field, whichever tab made it', () => {
  const [a, b] = [tab(), tab()];
  a.store.setState({ theme: 'dark', sizes: { wide: 1 } });
  b.store.setState({ panel: 'left' });
  b.store.setState({ sizes: { high: 2 } });
  expect(lying()).toEqual({ theme: 'dark', panel: 'left', sizes: { wide: 1, high: 2 } });
  b.store.setState({ theme: 'sepia' });
  a.store.setState({ panel: 'right' });
  expect(lying()).toMatchObject({ theme: 'sepia', panel: 'right' });
});

it('takes over what another tab changed when it is shown again, but nothing that it has changed itself', () => {
  const [a, b] = [tab(), tab()];
  a.store.setState({ theme: 'dark' });
  b.store.setState({ theme: 'sepia', panel: 'left' });
  a.document.show();
  expect(a.store.getState()).toEqual({ theme: 'dark', panel: 'left' });
  b.store.setState({ panel: 'right' });
  a.document.show();
  expect(a.store.getState()).toEqual({ theme: 'dark', panel: 'right' });
  // Showing a tab changes nothing for the others.
  expect(lying()).toEqual({ theme: 'sepia', panel: 'right' });
});

it('takes nothing over when it is hidden or closed', () => {
  const [a, b] = [tab(), tab()];
  b.store.setState({ panel: 'left' });
  b.document.show('hidden');
  a.close();
  a.document.show();
  expect(a.store.getState().panel).toBeUndefined();
});

it('still writes what it could not write when another tab has changed another field meanwhile', () => {
  const [a, b] = [tab(), tab()];
  storage.full = true;
  a.store.setState({ theme: 'dark' });
  storage.full = false;
  b.store.setState({ panel: 'left' });
  a.document.show();
  expect(lying()).toEqual({ theme: 'dark', panel: 'left' });
});
