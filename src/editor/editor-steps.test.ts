import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blankPicture } from '../core/image/picture';
import { colourAt, drive, fingerprint, maskAt } from '../testing/driver';
import { COMMANDS } from './commands';
import { documentOf } from './document/document';
import { createEditor, type Editor } from './editor';
import type { Modifiers } from './tools/input';

const open = (size = 256) => createEditor({ width: size, height: size, now: () => 0 });

const press = (editor: Editor, key: string, modifiers?: Modifiers) => drive(editor).press(key, modifiers);

describe('candidates', () => {
  const painting = blankPicture({ width: 64, height: 64 }, [200, 100, 50, 255]);
  const box = { x: 224, y: 0, width: 64, height: 64 };

  it('are shown and left again without touching the document; accepting is one step', () => {
    const editor = open();
    editor.openPicture(documentOf(blankPicture({ width: 256, height: 256 }, [1, 2, 3, 255])));
    const before = fingerprint(editor);
    editor.addCandidate('a', painting, box);
    editor.addCandidate('b', painting, box);
    expect(editor.snapshot().staging).toMatchObject({ shown: 'b' });
    editor.reject('b');
    expect(editor.snapshot().staging.shown).toBe('a');
    editor.showCandidate(undefined);
    expect(() => editor.accept()).toThrow(/No candidate/);
    editor.showCandidate('a');
    expect(fingerprint(editor)).toBe(before);
    editor.accept();
    expect(editor.snapshot()).toMatchObject({ undoLabel: 'Accept', staging: { candidates: [] } });
    expect(colourAt(editor, 287, 63)).toEqual([200, 100, 50, 255]);
    expect(editor.snapshot().document.canvas.width).toBe(288);
    editor.undo();
    expect(fingerprint(editor)).toBe(before);
  });

  it('accepting is taken back with all that was offered, beside what has come since, as often as it is done again', () => {
    const editor = open();
    editor.openPicture(documentOf(blankPicture({ width: 256, height: 256 }, [1, 2, 3, 255])));
    editor.addCandidate('a', painting, box);
    editor.addCandidate('b', painting, box);
    editor.showCandidate('a');
    editor.accept();
    editor.addCandidate('c', painting, box);
    const offered = () => editor.snapshot().staging.candidates.map(({ id }) => id);
    for (let times = 0; times < 2; times++) {
      editor.undo();
      expect(editor.snapshot().staging.shown).toBe('a');
      expect(offered().slice(0, 2)).toEqual(['a', 'b']);
      if (times === 0) expect(offered()).toEqual(['a', 'b', 'c']);
      editor.redo();
      expect(offered()).toEqual([]);
    }
  });

  it('a mask is hidden by M and by what is accepted over it, stays part of the canvas, and shows when it is drawn on', () => {
    const editor = open();
    const isHidden = () => editor.snapshot().hidden.mask ?? false;
    drive(editor).draw([50, 50]);
    press(editor, 'm');
    expect([isHidden(), maskAt(editor, 50, 50)]).toEqual([true, 255]);
    press(editor, 'm');
    expect(isHidden()).toBe(false);
    editor.addCandidate('a', painting, box);
    editor.accept();
    expect([isHidden(), maskAt(editor, 50, 50)]).toEqual([true, 255]);
    drive(editor).draw([90, 90]);
    expect(isHidden()).toBe(false);
    editor.hideLayer('mask', true);
    editor.undo();
    expect(isHidden()).toBe(false);
  });

  it('a wrong size is refused; accepting can clear the mask', () => {
    const editor = open();
    expect(() => editor.addCandidate('a', painting, { ...box, width: 65 })).toThrow(/64 x 64.*65 x 64/);
    drive(editor).draw([50, 50]);
    editor.addCandidate('a', painting, { ...box, x: 0 });
    editor.accept({ clearMask: true });
    expect(maskAt(editor, 50, 50)).toBe(0);
    editor.undo();
    expect(maskAt(editor, 50, 50)).toBe(255);
  });
});

describe('commands and keys', () => {
  it('each is one step and does what it says', () => {
    const editor = open();
    editor.setBrush({ size: 41, hardness: 1 });
    drive(editor).draw([128.5, 128.5]);
    editor.command('grow-mask', 10);
    expect([maskAt(editor, 128 + 29, 128), maskAt(editor, 128 + 32, 128)]).toEqual([255, 0]);
    editor.command('shrink-mask', 20);
    expect([maskAt(editor, 128 + 9, 128), maskAt(editor, 128 + 12, 128)]).toEqual([255, 0]);
    editor.command('feather-mask');
    expect(maskAt(editor, 128 + 12, 128)).toBeGreaterThan(30);
    editor.command('invert-mask');
    expect(maskAt(editor, 0, 0)).toBe(255);
    editor.command('clear-mask');
    expect(editor.snapshot().document.mask.tiles.size).toBe(0);
    editor.command('fill-mask');
    expect(maskAt(editor, 255, 255)).toBe(255);
    const labels: (string | undefined)[] = [];
    for (let i = 0; i < 7; i++) {
      labels.push(editor.snapshot().undoLabel);
      editor.undo();
    }
    expect(labels).toEqual([
      'Mask everything',
      'Clear mask',
      'Invert mask',
      'Feather mask',
      'Shrink mask',
      'Grow mask',
      'Brush',
    ]);
    expect(editor.snapshot().undoLabel).toBeUndefined();
  });

  it('keys: sizes, tools, undo in its three spellings; others are left to the page', () => {
    const editor = open();
    editor.setBrush({ size: 100 });
    press(editor, ']');
    expect(editor.snapshot().brush.size).toBe(110);
    press(editor, '[');
    press(editor, '[');
    expect(editor.snapshot().brush.size).toBe(89);
    editor.setBrush({ size: 1 });
    press(editor, '[');
    expect(editor.snapshot().brush.size).toBe(1);
    drive(editor).draw([50, 50]);
    press(editor, 'z', { ctrl: true });
    expect(editor.snapshot().redoLabel).toBe('Brush');
    press(editor, 'Z', { meta: true, shift: true });
    expect(editor.snapshot().undoLabel).toBe('Brush');
    press(editor, 'z', { ctrl: true });
    press(editor, 'y', { ctrl: true });
    expect(editor.snapshot().undoLabel).toBe('Brush');
    press(editor, 'V', { shift: true });
    expect(editor.snapshot().undoLabel).toBe('Invert mask');
    expect(press(editor, 'q')).toBe(false);
    expect(press(editor, 's', { ctrl: true })).toBe(false);
  });

  it('snapshots are the same object until something changes', () => {
    const editor = open();
    let calls = 0;
    const stop = editor.subscribe(() => calls++);
    const first = editor.snapshot();
    drive(editor).move(10, 10); // only the cursor
    expect(editor.snapshot()).toBe(first);
    expect(calls).toBe(0);
    editor.setTool('lasso');
    expect(calls).toBe(1);
    stop();
    editor.setTool('brush');
    expect(calls).toBe(1);
  });
});

describe('undo and redo', () => {
  const coordinate = fc.integer({ min: -20, max: 300 });
  const action = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(
        fc.constant('stroke' as const),
        fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 4 }),
      ),
    },
    { weight: 1, arbitrary: fc.tuple(fc.constant('tool' as const), fc.constantFrom('b', 'e', 'l', 'r', 'g', 'c')) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constant('layer' as const), fc.constantFrom('mask' as const, 'sketch' as const)),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constant('command' as const), fc.constantFrom(...COMMANDS.map(({ id }) => id))),
    },
    { weight: 1, arbitrary: fc.tuple(fc.constant('accept' as const), fc.tuple(coordinate, coordinate)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('undo' as const), fc.constant(0)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('redo' as const), fc.constant(0)) },
  );

  it('return identical bytes after any sequence of gestures, commands and acceptances', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 14 }), (actions) => {
        const editor = open();
        editor.openPicture(documentOf(blankPicture({ width: 256, height: 256 }, [10, 120, 30, 255])));
        editor.actualSize();
        let seen = [fingerprint(editor)];
        let at = 0;
        for (const [kind, value] of actions) {
          if (kind === 'undo') {
            if (at > 0) {
              editor.undo();
              at--;
            }
          } else if (kind === 'redo') {
            editor.redo();
            at = Math.min(seen.length - 1, at + 1);
          } else {
            if (kind === 'stroke') drive(editor).draw(...value);
            else if (kind === 'tool') press(editor, value);
            else if (kind === 'layer') editor.setLayer(value);
            else if (kind === 'command') editor.command(value, 3);
            else {
              editor.addCandidate('x', blankPicture({ width: 40, height: 40 }, [9, 9, 200, 128]), {
                x: value[0],
                y: value[1],
                width: 40,
                height: 40,
              });
              editor.accept();
            }
            const now = fingerprint(editor);
            if (now !== seen[at]) seen = [...seen.slice(0, ++at), now];
          }
          expect(fingerprint(editor)).toBe(seen[at]);
        }
        for (; at > 0; at--) {
          expect(fingerprint(editor)).toBe(seen[at]);
          editor.undo();
        }
        expect(fingerprint(editor)).toBe(seen[0]);
      }),
      { numRuns: 40 },
    );
  });

  it('survives being stored: canvas, mask and steps come back', () => {
    const editor = open();
    editor.openPicture(documentOf(blankPicture({ width: 256, height: 256 }, [10, 120, 30, 255])));
    editor.actualSize();
    drive(editor).draw([50, 50], [90, 60]);
    const before = fingerprint(editor);
    drive(editor).draw([150, 50], [190, 60]);
    const other = open(64);
    other.restore(structuredClone(editor.save()));
    expect(fingerprint(other)).toBe(fingerprint(editor));
    other.undo();
    expect(fingerprint(other)).toBe(before);
    other.redo();
    expect(fingerprint(other)).toBe(fingerprint(editor));
    expect(() => other.restore({ v: 9 })).toThrow(/format 9/);
  });
});
