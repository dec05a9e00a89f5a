import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EaselError, said } from '../../core/errors';
import { blankPicture } from '../../core/image/picture';
import { documentOf } from '../../editor/document/document';
import type { SavedCanvas } from '../../editor/document/saved';
import { createEditor } from '../../editor/editor';
import { drive, fingerprint } from '../../testing/driver';
import type { CanvasDb } from './canvas-db';

/** A disk whose writes end when the test says so. */
class SlowDb implements CanvasDb {
  readonly saves: { canvas: SavedCanvas; done(): void; failed(error: unknown): void }[] = [];
  stored: unknown;
  left = 0;
  restore = async () => this.stored;
  leave() {
    this.left++;
  }
  save(saved: SavedCanvas): Promise<void> {
    return new Promise((resolve, reject) => this.saves.push({ canvas: saved, done: resolve, failed: reject }));
  }
  /** The next write is a large one: what writes it ahead, and ends that. */
  ahead: Promise<void> | undefined;
  writeAhead = () => this.ahead;
  /** Labels of the steps that the last write has. */
  steps = () => this.saves.at(-1)?.canvas.history.undo.map(({ label }) => label);
  /** The last write ends well. */
  async done() {
    this.saves.at(-1)?.done();
    await pass(0);
  }
}

const ground = blankPicture({ width: 512, height: 512 }, [10, 20, 30, 255]);
const painting = blankPicture(ground, [200, 100, 0, 255]);
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** The page's own modules anew, as a visit begins with them. */
async function visit() {
  vi.resetModules();
  const { canvas, persistCanvas } = await import('./canvas');
  const { retryUnsaved, unsavedMessage, useUnsaved } = await import('../persistence/unsaved');
  const { useStorage } = await import('../persistence/database');
  const { useNotices } = await import('../notices');
  useStorage.setState({ state: 'open', trouble: undefined });
  const page = new EventTarget();
  const db = new SlowDb();
  return {
    canvas,
    db,
    pen: drive(canvas),
    storage: useStorage,
    notices: () => useNotices.getState().notices.map(({ text }) => text),
    unsaved: () => unsavedMessage(useUnsaved.getState()),
    retry: retryUnsaved,
    keep: () => persistCanvas(db, page, { pause: 800, longest: 2000 }),
    leave: (event = 'pagehide') => page.dispatchEvent(new Event(event)),
  };
}

type Visit = Awaited<ReturnType<typeof visit>>;
let at: Visit;
let stop: () => void;

beforeEach(async () => {
  vi.useFakeTimers();
  at = await visit();
  stop = await at.keep();
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

/** A picture on the canvas, written. */
async function begin(): Promise<void> {
  at.canvas.openPicture(documentOf(ground));
  at.canvas.actualSize();
  await at.db.done();
}

const draw = (y: number) => at.pen.draw([100, y], [160, y]);

it('writes in a pause, and after two seconds at the latest however fast one paints', async () => {
  await begin();
  draw(20);
  await pass(799);
  expect(at.db.saves).toHaveLength(1);
  await pass(1);
  expect(at.db.steps()).toEqual(['Open picture', 'Brush']);
  await at.db.done();
  for (let i = 0; i < 5; i++) {
    draw(40 + 20 * i);
    await pass(399);
  }
  expect(at.db.saves).toHaveLength(2);
  await pass(5); // 2000 of 2000 ms
  expect(at.db.steps()).toEqual(['Open picture', ...Array(6).fill('Brush')]);
});

it('writes at once what is opened, accepted or cleared', async () => {
  await begin();
  expect(at.db.steps()).toEqual(['Open picture']);
  draw(20);
  await pass(800);
  await at.db.done();
  at.canvas.addCandidate('a', painting, { x: 0, y: 0, width: 512, height: 512 });
  at.canvas.accept();
  expect(at.db.steps()?.at(-1)).toBe('Accept');
  await at.db.done();
  at.canvas.command('clear-mask');
  expect(at.db.steps()?.at(-1)).toBe('Clear mask');
  await at.db.done();
  at.canvas.openBlank({ width: 64, height: 64 });
  expect(at.db.steps()?.at(-1)).toBe('New canvas');
});

it.each(['beforeunload', 'visibilitychange', 'pagehide'])(
  'begins a write in the task that hears %s, also beside one that is on its way, and with a stroke half drawn',
  async (event) => {
    await begin();
    draw(20);
    await pass(800);
    draw(40);
    at.leave(event);
    expect(at.db.steps()).toEqual(['Open picture', 'Brush', 'Brush']);
    const written = at.db.saves.length;
    at.leave(event);
    expect(at.db.saves).toHaveLength(written); // nothing new
    at.pen.down(100, 60);
    at.pen.move(150, 60);
    at.leave(event);
    expect(at.db.steps()).toEqual(['Open picture', 'Brush', 'Brush', 'Brush']);
    const other = createEditor({ width: 64, height: 64, now: () => 0 });
    other.restore(at.db.saves.at(-1)?.canvas);
    at.pen.up(150, 60);
    expect(other.snapshot().document.mask.tiles.size).toBe(1);
    expect(other.snapshot().undoLabel).toBe('Brush');
  },
);

it('writes a large change ahead and then what is there by then; a page that goes does not wait for it', async () => {
  await begin();
  let ended: () => void = () => undefined;
  at.db.ahead = new Promise((resolve) => (ended = resolve));
  at.canvas.openPicture(documentOf(painting));
  draw(20);
  await pass(5000);
  expect(at.db.saves).toHaveLength(1);
  at.leave();
  expect(at.db.steps()).toEqual(['Open picture', 'Open picture', 'Brush']);
  await at.db.done();
  draw(40);
  ended();
  await pass(0);
  expect(at.db.saves).toHaveLength(3);
  expect(at.db.steps()).toEqual(['Open picture', 'Open picture', 'Brush', 'Brush']);
});

it('takes the canvas from the editor once a write, and again only after it has waited for a large one', async () => {
  await begin();
  const save = vi.spyOn(at.canvas, 'save');
  draw(20);
  await pass(800);
  expect(at.db.steps()).toEqual(['Open picture', 'Brush']);
  expect(save).toHaveBeenCalledTimes(1);
  await at.db.done();
  at.db.ahead = Promise.resolve();
  draw(40);
  await pass(800);
  expect(at.db.steps()).toEqual(['Open picture', 'Brush', 'Brush']);
  expect(save).toHaveBeenCalledTimes(3);
});

it('writes a stroke that goes on for long, and not one that is given up after that', async () => {
  await begin();
  at.pen.down(100, 20);
  at.pen.move(150, 20);
  await pass(1999);
  expect(at.db.saves).toHaveLength(1);
  await pass(1);
  expect(at.db.steps()).toEqual(['Open picture', 'Brush']);
  await at.db.done();
  at.canvas.cancel();
  await pass(800);
  expect(at.db.steps()).toEqual(['Open picture']);
});

it('lets writes not pile up on a slow disk, and writes what came meanwhile after them', async () => {
  await begin();
  draw(20);
  await pass(800);
  draw(40);
  await pass(30_000);
  expect(at.db.saves).toHaveLength(2);
  await at.db.done();
  await pass(800);
  expect(at.db.steps()).toEqual(['Open picture', 'Brush', 'Brush']);
});

it('says for as long as it is so that the canvas is not saved, and why; the next try tells when it is', async () => {
  await begin();
  draw(20);
  await pass(800);
  at.db.saves.at(-1)?.failed(new DOMException('full', 'QuotaExceededError'));
  await pass(0);
  expect(at.unsaved()).toMatch(/^Not saved: the canvas\. The disk space for this page is full/);
  at.retry();
  expect(at.db.saves).toHaveLength(3);
  await at.db.done();
  expect(at.unsaved()).toBeUndefined();
});

it('writes what it has before a newer Easel gets the database', async () => {
  await begin();
  draw(20);
  at.storage.setState({ state: 'outdated', trouble: 'Reload.' });
  expect(at.db.steps()).toEqual(['Open picture', 'Brush']);
});

it('says so of what is painted before storage opens, and keeps it beside the canvas of the last visit', async () => {
  const saved = at.canvas.save();
  stop();
  at = await visit();
  let opened: (saved: unknown) => void = () => undefined;
  at.db.restore = () => new Promise((resolve) => (opened = resolve));
  const keeping = at.keep();
  at.canvas.openPicture(documentOf(ground));
  at.db.saves.at(-1)?.failed(new EaselError('no-storage', said`Not open.`));
  await pass(0);
  expect(at.unsaved()).toMatch(/^Not saved: the canvas\. Not open/);
  opened(saved);
  stop = await keeping;
  expect(at.db.left).toBe(1);
  at.retry();
  expect(at.db.steps()).toEqual(['Open picture']);
});

it('takes up the canvas of the last visit, and leaves it alone where the person has begun another or it cannot be read', async () => {
  await begin();
  draw(20);
  const stored = at.canvas.save();
  const before = fingerprint(at.canvas);
  stop();

  at = await visit();
  at.db.stored = stored;
  stop = await at.keep();
  expect(fingerprint(at.canvas)).toBe(before);
  await pass(10_000);
  expect(at.db).toMatchObject({ left: 0, saves: [] });
  stop();

  at = await visit();
  at.db.stored = stored;
  const keeping = at.keep();
  at.canvas.openBlank({ width: 64, height: 64 });
  stop = await keeping;
  expect(at.db.left).toBe(1);
  expect(at.db.steps()).toEqual(['New canvas']);
  stop();

  at = await visit();
  at.db.stored = { ...stored, v: 2 };
  stop = await at.keep();
  expect(at.db.left).toBe(1);
  expect(at.notices()).toEqual([expect.stringMatching(/could not be read: .*has format 2/)]);
});
