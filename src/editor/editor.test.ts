import { describe, expect, it } from 'vitest';
import { blankPicture } from '../core/image/picture';
import { colourAt, drive, fingerprint, maskAt } from '../testing/driver';
import { documentOf } from './document/document';
import { createEditor, type Editor } from './editor';
import type { Modifiers } from './tools/input';

const open = (size = 256) => createEditor({ width: size, height: size, now: () => 0 });

const press = (editor: Editor, key: string, modifiers?: Modifiers) => drive(editor).press(key, modifiers);

describe('drawing', () => {
  it('a stroke lives outside the document until the pointer is lifted, then is one step', () => {
    const editor = open();
    const mouse = drive(editor);
    const { document } = editor.snapshot();
    mouse.down(50, 50);
    expect(editor.snapshot().gesture).toBe('stroking');
    for (let x = 60; x <= 150; x += 10) mouse.move(x, 50);
    expect(editor.snapshot().document).toBe(document);
    expect(editor.snapshot().undoLabel).toBeUndefined();
    mouse.up(150, 50);
    expect(editor.snapshot().gesture).toBe('idle');
    expect(editor.snapshot().undoLabel).toBe('Brush');
    expect([maskAt(editor, 50, 50), maskAt(editor, 150, 50), maskAt(editor, 100, 200)]).toEqual([255, 255, 0]);
    editor.undo();
    expect(maskAt(editor, 50, 50)).toBe(0);
    expect(editor.snapshot()).toMatchObject({ undoLabel: undefined, redoLabel: 'Brush' });
    editor.redo();
    expect(maskAt(editor, 50, 50)).toBe(255);
  });

  it('coalesced samples draw what the same samples one by one draw', () => {
    const points = Array.from({ length: 30 }, (_, i): [number, number] => [40 + 5 * i, 128 + 60 * Math.sin(i / 3)]);
    const [one, joined] = [open(), open()];
    drive(one).draw(...points);
    const mouse = drive(joined);
    mouse.down(...points[0]);
    for (let i = 1; i < points.length; i += 6) {
      const coalesced = points.slice(i, i + 6).map(([x, y]) => ({ x, y, pressure: 0.5 }));
      mouse.move(...points[Math.min(points.length - 1, i + 5)], { coalesced });
    }
    mouse.up(...points[points.length - 1]);
    expect(fingerprint(joined)).toBe(fingerprint(one));
  });

  it('Esc, a lost pointer and undo during a stroke leave nothing of it', () => {
    for (const end of ['escape', 'lost', 'undo'] as const) {
      const editor = open();
      const mouse = drive(editor);
      const before = fingerprint(editor);
      mouse.down(50, 50);
      mouse.move(90, 90);
      if (end === 'escape') expect(press(editor, 'Escape')).toBe(true);
      else if (end === 'lost') mouse.lost(90, 90);
      else editor.undo();
      mouse.move(120, 120);
      mouse.up(120, 120);
      expect(fingerprint(editor), end).toBe(before);
      expect(editor.snapshot().undoLabel).toBeUndefined();
    }
    expect(press(open(), 'Escape')).toBe(false);
  });

  it('the eraser takes away, a pen turned round too, and a pen presses', () => {
    const editor = open();
    editor.setBrush({ size: 40, hardness: 1 });
    drive(editor).draw([60, 60], [160, 60]);
    press(editor, 'x');
    expect(editor.snapshot().tool).toBe('eraser');
    drive(editor).draw([60, 60]);
    expect([maskAt(editor, 60, 60), maskAt(editor, 150, 60)]).toEqual([0, 255]);
    press(editor, 'b');
    const pen = drive(editor, { pointerType: 'pen' });
    pen.down(150, 60, { buttons: 32 });
    pen.up(150, 60);
    expect(maskAt(editor, 150, 60)).toBeLessThan(255);
    pen.down(100, 200, { pressure: 0.5 });
    pen.up(100, 200, { pressure: 0 });
    expect([maskAt(editor, 109, 200), maskAt(editor, 111, 200)]).toEqual([255, 0]); // half of a radius of 20
  });

  it('a stroke that changes nothing is no step', () => {
    const editor = open();
    press(editor, 'e');
    drive(editor).draw([50, 50], [90, 90]);
    expect(editor.snapshot().undoLabel).toBeUndefined();
  });

  it('the right button draws nothing; a second mouse does not disturb', () => {
    const editor = open();
    drive(editor).down(50, 50, { buttons: 2 });
    expect(editor.snapshot().gesture).toBe('idle');
    const [first, second] = [drive(editor), drive(editor, { pointerId: 2 })];
    first.down(50, 50);
    second.down(200, 200);
    second.move(210, 210);
    second.up(210, 210);
    expect(editor.snapshot().gesture).toBe('stroking');
    first.up(50, 50);
    expect([maskAt(editor, 50, 50), maskAt(editor, 205, 205)]).toEqual([255, 0]);
  });
});

describe('shapes, fill, colours', () => {
  it('rectangle and lasso, with Alt they take away', () => {
    const editor = open();
    press(editor, 'r');
    drive(editor).draw([20.4, 20.4], [10, 90], [99.6, 79.6]);
    expect([maskAt(editor, 20, 20), maskAt(editor, 99, 79), maskAt(editor, 100, 80), maskAt(editor, 19, 20)]).toEqual([
      255, 255, 0, 0,
    ]);
    press(editor, 'l');
    const mouse = drive(editor);
    mouse.down(20, 20, { modifiers: { alt: true } });
    for (const [x, y] of [
      [60, 20],
      [60, 60],
      [20, 60],
    ])
      mouse.move(x, y);
    mouse.up(20, 60);
    expect([maskAt(editor, 40, 40), maskAt(editor, 80, 70)]).toEqual([0, 255]);
    expect(editor.snapshot().undoLabel).toBe('Lasso');
    editor.undo();
    expect(maskAt(editor, 40, 40)).toBe(255);
  });

  it('fill on the mask closes an outline; on the sketch it is a paint bucket', () => {
    const editor = open();
    editor.setBrush({ size: 6, hardness: 1 });
    drive(editor).draw([20, 20], [120, 20], [120, 120], [20, 120], [20, 20], [21, 21]);
    press(editor, 'g');
    drive(editor).down(70, 70);
    expect([maskAt(editor, 70, 70), maskAt(editor, 200, 200)]).toEqual([255, 0]);
    editor.openPicture(documentOf(blankPicture({ width: 256, height: 256 }, [10, 20, 30, 255])));
    editor.actualSize();
    editor.setLayer('sketch');
    editor.setColour([9, 8, 7]);
    drive(editor).down(5, 5);
    expect(colourAt(editor, 250, 250)).toEqual([9, 8, 7, 255]);
  });

  it('the eyedropper takes what is seen; X swaps the colours', () => {
    const editor = open();
    editor.openPicture(documentOf(blankPicture({ width: 256, height: 256 }, [10, 20, 30, 255])));
    editor.actualSize();
    editor.setLayer('sketch');
    drive(editor).down(100, 100, { modifiers: { alt: true } });
    expect(editor.snapshot().colour).toEqual([10, 20, 30]);
    press(editor, 'x');
    expect(editor.snapshot()).toMatchObject({ colour: [255, 255, 255], otherColour: [10, 20, 30], tool: 'brush' });
    press(editor, 'i');
    drive(editor).down(3, 3);
    expect(editor.snapshot().colour).toEqual([10, 20, 30]);
    expect(editor.snapshot().gesture).toBe('idle');
  });
});

describe('looking around', () => {
  it('space, the middle button and the hand tool pan; nothing is drawn', () => {
    const editor = open();
    const before = fingerprint(editor);
    const mouse = drive(editor);
    editor.key({ type: 'down', key: ' ' });
    mouse.draw([100, 100], [130, 90]);
    editor.key({ type: 'up', key: ' ' });
    editor.key({ type: 'down', key: ' ' });
    editor.releaseKeys(); // the window was left with the key held
    expect(editor.snapshot().viewport).toMatchObject({ x: -30, y: 10 });
    mouse.down(100, 100);
    expect(editor.snapshot().gesture).toBe('stroking');
    press(editor, 'Escape');
    mouse.down(100, 100, { buttons: 4 });
    mouse.move(110, 100, { buttons: 4 });
    mouse.up(110, 100);
    press(editor, 'h');
    mouse.draw([0, 0], [0, 5]);
    expect(editor.snapshot().viewport).toMatchObject({ x: -40, y: 5 });
    expect(fingerprint(editor)).toBe(before);
  });

  it('the wheel zooms about the pointer, and strokes land under it', () => {
    const editor = open();
    // A notch is a fifth, with Ctrl, too, for which a trackpad's pinch sends little.
    const scales = [
      { deltaY: -100 },
      { deltaY: 120 },
      { deltaY: -120, modifiers: { ctrl: true } },
      { deltaY: 10, modifiers: { ctrl: true } },
    ].map((input) => {
      editor.wheel({ x: 100, y: 100, deltaX: 0, ...input });
      return editor.snapshot().viewport.scale;
    });
    expect(scales[0]).toBeCloseTo(1.2);
    expect(scales[1]).toBeCloseTo(1);
    expect(scales[2]).toBeCloseTo(1.2);
    expect(scales[3]).toBeCloseTo(1.2 ** 0.4);
    editor.actualSize();
    editor.zoomBy(2);
    const { x, y, scale } = editor.snapshot().viewport;
    expect(scale).toBe(2);
    editor.panBy(2 * (x - 50), 2 * (y - 50));
    editor.wheel({ x: 0, y: 0, deltaX: 0, deltaY: 20, modifiers: { shift: true } });
    expect(editor.snapshot().viewport.x).toBe(60);
    editor.setBrush({ size: 8, hardness: 1 }); // on the screen: four pixels of the canvas
    drive(editor).draw([100, 100]);
    expect([maskAt(editor, 110, 100), maskAt(editor, 100, 100)]).toEqual([255, 0]);
  });

  it('two fingers pinch: the first one leaves no mark; lifting one goes on panning', () => {
    const editor = open();
    const before = fingerprint(editor);
    const [one, two] = [1, 2].map((pointerId) => drive(editor, { pointerId, pointerType: 'touch' }));
    one.down(100, 100);
    one.move(101, 100);
    two.down(200, 100, { time: 60 });
    expect(editor.snapshot().gesture).toBe('pinching');
    one.move(51, 100);
    two.move(250, 100);
    expect(editor.snapshot().viewport.scale).toBeCloseTo(199 / 99, 6);
    one.up(50, 100);
    expect(editor.snapshot().gesture).toBe('panning');
    const { x } = editor.snapshot().viewport;
    two.move(260, 100);
    expect(editor.snapshot().viewport.x).toBeLessThan(x);
    two.up(260, 100);
    expect(editor.snapshot().gesture).toBe('idle');
    expect(fingerprint(editor)).toBe(before);
  });

  it('a hand resting beside a long stroke or a pen does not end it', () => {
    const editor = open();
    const [finger, palm] = [1, 2].map((pointerId) => drive(editor, { pointerId, pointerType: 'touch' }));
    finger.down(100, 100, { time: 0 });
    palm.down(200, 200, { time: 900 });
    expect(editor.snapshot().gesture).toBe('stroking');
    finger.up(100, 100);
    const pen = drive(editor, { pointerId: 3, pointerType: 'pen' });
    pen.down(50, 50, { time: 1000 });
    palm.down(200, 200, { time: 1010 });
    expect(editor.snapshot().gesture).toBe('stroking');
  });

  it('view commands', () => {
    const editor = createEditor({ width: 2000, height: 1000, now: () => 0 });
    editor.resizeView({ width: 1048, height: 600 });
    editor.fitView();
    expect(editor.snapshot().viewport.scale).toBe(0.5);
    editor.zoomBy(2);
    expect(editor.snapshot().viewport.scale).toBe(1);
    expect(editor.snapshot().viewport.x).toBeCloseTo(1000 - 524, 6);
  });
});

describe('the frame', () => {
  it('dragged beyond the picture it is one step, and what is new is masked', () => {
    const editor = open();
    editor.openPicture(documentOf(blankPicture({ width: 256, height: 256 }, [1, 2, 3, 255])));
    editor.actualSize();
    press(editor, 'c');
    const mouse = drive(editor);
    mouse.down(256, 128);
    expect(editor.snapshot().gesture).toBe('dragging');
    mouse.move(300, 128);
    mouse.move(318, 140);
    expect(editor.snapshot().document.frame.width).toBe(256);
    mouse.up(318, 140);
    expect(editor.snapshot().document.frame).toEqual({ x: 0, y: 0, width: 320, height: 256 });
    const mask = editor.exportMask();
    expect([mask.width, mask.height, mask.data[255], mask.data[256], mask.data[319]]).toEqual([320, 256, 0, 255, 255]);
    expect(editor.exportPicture().data[4 * 256 + 3]).toBe(0);
    editor.undo();
    expect(editor.snapshot().document.frame.width).toBe(256);
    editor.extendFrame('w', 64);
    expect(editor.snapshot().document.frame).toEqual({ x: -64, y: 0, width: 320, height: 256 });
    expect(() => editor.setFrame({ x: 0, y: 0, width: 30000, height: 8 })).toThrow(/8192/);
  });

  it('a drag given up leaves it as it was', () => {
    const editor = open();
    press(editor, 'c');
    const mouse = drive(editor);
    mouse.down(256, 128);
    mouse.move(400, 128);
    press(editor, 'Escape');
    mouse.up(400, 128);
    expect(editor.snapshot().document.frame.width).toBe(256);
    expect(editor.snapshot().undoLabel).toBeUndefined();
  });
});
