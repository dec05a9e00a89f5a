import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fakePicture } from '../fixtures/fake-engine';
import { pictureFileName } from '../gallery/file-name';
import { addPicture, connectGallery, reuseSettings, useGallery } from '../gallery/gallery';
import { createGalleryDb } from '../gallery/gallery-db';
import { type ResultRecord, readResultRecord } from '../gallery/result-record';
import { measuredDuration } from '../jobs/time-left';
import { formatDefaults, formatPlace, formatRecord } from '../library/labels';
import { connectLibrary, useLibrary } from '../library/library';
import { createLibraryDb } from '../library/library-db';
import { accessTo } from '../library/library-files';
import { type LibraryRecord, readLibraryRecord } from '../library/library-record';
import { useNotices } from '../notices';
import { openDatabase } from './database';

const RESULT: ResultRecord = {
  v: 1,
  id: 'a',
  number: 1,
  paintedAt: 1764300000000,
  model: 'Easel Starter',
  picture: 'hash',
  width: 512,
  height: 512,
  favourite: true,
  request: { ...fakePicture(7).request, eta: 0.5, guidanceStart: 0.1, fast: true, maskMode: 'masked' },
  parameters: 'a red fox\nSteps: 20',
  timings: fakePicture(7).timings,
};

const MODEL: LibraryRecord = {
  v: 1,
  id: 'model:a',
  kind: 'model',
  name: 'a',
  place: { kind: 'disk', handle: { kind: 'file', name: 'a.safetensors' } as FileSystemFileHandle },
  bytes: 2130000000,
  usedAt: 1764300000000,
  facts: {
    architecture: { id: 'sd1', label: 'SD 1.x' },
    predictionType: 'epsilon',
    predictionKnown: true,
    hasVae: true,
    defaults: { sampler: 'euler', schedule: 'karras', steps: 20, cfgScale: 7, width: 512, height: 512 },
  },
  choices: { vae: 'vae:b', prediction: 'epsilon' },
  test: { png: new Blob(['x']), totalMs: 800, steps: 4, width: 64, height: 64 },
};

/** Up to October 2026 models were kept so, without a version. */
const FOLDER = { name: 'dreamy.safetensors', handle: { kind: 'file', name: 'x' }, openedAt: 1760000000000 };

type Path = readonly string[];

/** Every field, however deep, by the way to it; the way to the whole is empty. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null || value instanceof Blob) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

const REMOVED = Symbol();

/** A copy with one field put to something else, or taken out. */
function changed(value: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to === REMOVED ? undefined : to;
  const { [key]: inner, ...others } = value as Record<string, unknown>;
  if (rest.length === 0 && to === REMOVED) return others;
  return { ...others, [key]: changed(inner, rest, to) };
}

/** What a stored field may turn out to be: all that IndexedDB can hold. */
const anything = fc.oneof(
  fc.constantFrom(REMOVED, undefined, null, NaN, Infinity, -1, 0, 0.5, 2 ** 53, '', '1', 'toString', '__proto__', true),
  fc.constantFrom([], [1], {}, { kind: 'disk' }, { kind: 'file' }, new Date(NaN), new Blob(['x']), 1n),
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }),
);

/** A good record with one to three fields changed. */
const mutationsOf = (record: object) =>
  fc.array(fc.tuple(fc.constantFrom(...pathsOf(record)), anything), { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.reduce<unknown>((value, [path, to]) => {
      try {
        return changed(value, path, to);
      } catch {
        return value; // a change before has taken the way to this field
      }
    }, record),
  );

/** What the page does with a result, as far as that depends on what its record holds. */
function shownOfResult(record: ResultRecord): string {
  const { request, timings, width, height } = record;
  reuseSettings({ record });
  return [
    pictureFileName(record.number, request),
    request.prompt.trim(),
    record.parameters.trim(),
    record.model.trim(),
    record.paintedAt.toFixed(),
    (width / height).toFixed(2),
    ...[timings.totalMs, timings.encodeMs, timings.denoiseMs, timings.decodeMs].map(measuredDuration),
  ].join();
}

/** What the page does with a record of the library. */
async function shownOfRecord(record: LibraryRecord): Promise<string> {
  const { name, place, facts, test } = record;
  const url = test && URL.createObjectURL(test.png);
  if (url) URL.revokeObjectURL(url);
  const words = [name.trim(), formatRecord(record), formatPlace(place, await accessTo(record))];
  if (facts?.defaults) words.push(formatDefaults(facts.defaults));
  if (test) words.push(measuredDuration(test.totalMs), `${test.steps.toFixed()} ${test.width / test.height}`);
  return words.join();
}

describe('a stored record of any shape', () => {
  it('is read where nothing is wrong with it', async () => {
    expect(readResultRecord(RESULT)).toEqual(RESULT);
    expect(readLibraryRecord(MODEL)).toEqual(MODEL);
    expect(shownOfResult(RESULT)).not.toMatch(/undefined|NaN/);
    expect(await shownOfRecord(MODEL)).not.toMatch(/undefined|NaN/);
  });

  // Row 7l of the reliability note, each of which ended the page or the reading of the list.
  it.each([
    ['timings missing', readResultRecord, RESULT, ['timings'], REMOVED],
    ['timings null', readResultRecord, RESULT, ['timings'], null],
    ['a timing that is no number', readResultRecord, RESULT, ['timings', 'decodeMs'], '3'],
    ['a number that is none', readResultRecord, RESULT, ['number'], 'one'],
    ['a test picture that is no Blob', readLibraryRecord, MODEL, ['test', 'png'], { size: 1 }],
    ['a handle that is missing', readLibraryRecord, MODEL, ['place', 'handle'], REMOVED],
    ['a sampler that there is not', readLibraryRecord, MODEL, ['facts', 'defaults', 'sampler'], 'toString'],
  ] as const)('is refused with %s', (_, read, record, path, to) => {
    expect(read(changed(record, path, to))).toBeUndefined();
  });

  it('is refused, or a result that the page can show', () => {
    fc.assert(
      fc.property(mutationsOf(RESULT), (value) => {
        const record = readResultRecord(value);
        if (record) expect(shownOfResult(record)).not.toMatch(/undefined|NaN|Infinity/);
      }),
      { numRuns: 3000 },
    );
  });

  it('is refused, or a model that the page can show', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutationsOf(MODEL), mutationsOf(FOLDER)), async (value) => {
        const record = readLibraryRecord(value);
        if (record) expect(await shownOfRecord(record)).not.toMatch(/undefined|NaN|Infinity/);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('what lies beside a record that cannot be read', () => {
  const database = openDatabase();
  const deleted: string[] = [];
  const copies = {
    values: () => [{ kind: 'file', name: 'model%3Ac', getFile: async () => ({ lastModified: 0 }) }],
    removeEntry: async (name: string) => deleted.push(name),
  };
  const texts = () => useNotices.getState().notices.map(({ text }) => text);

  beforeEach(async () => {
    vi.stubGlobal('navigator', {
      locks: { request: (_: string, work: () => unknown) => work() },
      storage: { getDirectory: async () => ({ getDirectoryHandle: async () => copies }) },
    });
    useNotices.setState({ notices: [] });
    useGallery.setState(useGallery.getInitialState(), true);
    useLibrary.setState(useLibrary.getInitialState(), true);
    const db = await database.opened;
    await Promise.all([db.clear('results'), db.clear('pictures'), db.clear('library')]);
    deleted.length = 0;
  });

  it('is read, and the page says what is left out: results', async () => {
    const db = await database.opened;
    const gallery = createGalleryDb(database);
    await connectGallery(gallery);
    await addPicture(fakePicture(1), 'A');
    await addPicture(fakePicture(2), 'A');
    const { ids, results } = useGallery.getState();
    const whole = results[ids[0]];
    await db.put('results', { ...whole.record, id: 'no-timings', timings: undefined });
    await db.put('results', { ...whole.record, id: 'no-number', number: undefined });
    await db.put('results', { ...whole.record, id: 'no-picture', picture: 'gone' });
    useGallery.setState(useGallery.getInitialState(), true);
    await connectGallery(gallery);
    expect(useGallery.getState().ids).toEqual(ids);
    expect(texts()).toEqual(['3 results could not be read, and stay on the disk.']);
    expect(await db.count('results')).toBe(5);
  });

  it('is read, and no copy is swept that the record may speak of: models', async () => {
    const db = await database.opened;
    const library = createLibraryDb(database, (work) => work());
    const { test: _, ...record } = MODEL;
    await db.put('library', { ...record, usedAt: 1 });
    await db.put('library', { ...record, id: 'model:b', place: { kind: 'disk' }, usedAt: 2 });
    await db.put('library', { ...record, id: 'model:c', v: 2, place: { kind: 'copy' }, usedAt: 3 });
    await connectLibrary(library);
    expect(useLibrary.getState().entries.map(({ record: { id } }) => id)).toEqual(['starter', 'model:a']);
    expect(texts()).toEqual(['2 remembered files could not be read, and stay on the disk.']);
    expect(deleted).toEqual([]);

    await Promise.all([db.delete('library', 'model:b'), db.delete('library', 'model:c')]);
    await connectLibrary(library);
    expect(deleted).toEqual(['model%3Ac']);
  });

  it('is read where the browser does not say whether a file may be read', async () => {
    const refusing = { kind: 'file', name: 'b', queryPermission: () => Promise.reject(new Error('gone')) };
    const bad = { ...MODEL, id: 'model:b', place: { kind: 'disk', handle: refusing } } as unknown as LibraryRecord;
    await connectLibrary({ all: async () => [bad, MODEL], put: async () => {}, remove: async () => {} });
    expect(useLibrary.getState().entries.map(({ record: { id } }) => id)).toEqual(['starter', 'model:a']);
    expect(texts()).toEqual(['1 remembered file could not be read, and stays on the disk.']);
  });
});

it('knows the architecture of models that were kept by its id alone', () => {
  const { architecture: _, ...facts } = MODEL.facts ?? {};
  const read = readLibraryRecord({ ...MODEL, facts: { ...facts, family: 'sd2' } });
  expect(read?.facts).toEqual({ ...facts, architecture: { id: 'sd2', label: 'SD2' } });
});
