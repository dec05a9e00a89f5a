import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, blankMask, blankPicture, intersection } from '../../core/image/picture';
import { drive } from '../../testing/driver';
import { documentOf, mapMask, readPicture } from '../document/document';
import { TILE, tileKey } from '../document/tiles';
import { createEditor, type Editor } from '../editor';
import { beginStroke } from '../tools/stroke';
import { type Composition, composeTile } from './compose';
import type { RenderContext, Surface } from './renderer';

const [RED, WHOLE]: [readonly [number, number, number], Box] = [[255, 0, 0], { x: 0, y: 0, width: TILE, height: TILE }];

const pixelOf = (composition: Composition, x: number, y: number, part = WHOLE) => {
  const out = new Uint8ClampedArray(TILE * TILE * 4);
  composeTile(composition, tileKey(0, 0), part, out);
  return [...out.subarray(4 * (y * TILE + x), 4 * (y * TILE + x) + 4)];
};

describe('composition', () => {
  const document = documentOf(blankPicture({ width: 64, height: 64 }, [100, 100, 100, 255]));
  const overlay = { colour: RED, opacity: 0.5, look: 'tint' } as const;
  const ink = { layer: 'sketch', mode: 'paint', opacity: 1, colour: [0, 0, 255] } as const;
  const brush = { size: 20, hardness: 1, opacity: 1, pressure: 'none' } as const;

  it('picture, live sketch, tint, candidate, in this order', () => {
    expect(pixelOf({ document, overlay }, 10, 10)).toEqual([100, 100, 100, 255]);
    expect(pixelOf({ document, overlay }, 64, 10)).toEqual([0, 0, 0, 0]);
    const live = beginStroke(ink, brush, document.canvas, { x: 10, y: 10, pressure: 1 });
    expect(pixelOf({ document, overlay, live }, 10, 10)).toEqual([0, 0, 255, 255]);
    const candidate = {
      picture: blankPicture({ width: 8, height: 8 }, [0, 200, 0, 255]),
      box: { x: 6, y: 6, width: 8, height: 8 },
    };
    expect(pixelOf({ document, overlay, live, candidate }, 10, 10)).toEqual([0, 200, 0, 255]);
    expect(pixelOf({ document, overlay, live, candidate }, 5, 10)).toEqual([0, 0, 255, 255]);
    const masked = mapMask(document, { x: 0, y: 0, width: 20, height: 20 }, (mask) => blankMask(mask, 255));
    // 127 / 255 of red over (100, 100, 100)
    expect(pixelOf({ document: masked, overlay }, 10, 10)).toEqual([177, 50, 50, 255]);
    expect(pixelOf({ document: masked, overlay, candidate }, 10, 10)).toEqual([0, 200, 0, 255]);
    expect(pixelOf({ document: masked, overlay: { ...overlay, opacity: 0 } }, 10, 10)).toEqual([100, 100, 100, 255]);
  });

  it('a hatched mask: stripes of its colour and of what stands out from it, across tiles; a hidden one not at all', () => {
    const masked = mapMask(document, { x: 0, y: 0, width: 20, height: 20 }, (mask) => blankMask(mask, 255));
    const hatched = { ...overlay, look: 'hatch' } as const;
    // Eight pixels wide from the corner: 127 / 255 of red, then of white over (100, 100, 100).
    expect(pixelOf({ document: masked, overlay: hatched }, 3, 4)).toEqual([177, 50, 50, 255]);
    expect(pixelOf({ document: masked, overlay: hatched }, 4, 4)).toEqual([177, 177, 177, 255]);
    expect(pixelOf({ document: masked, overlay: hatched, hidden: { mask: true } }, 4, 4)).toEqual([100, 100, 100, 255]);
    expect(pixelOf({ document: masked, overlay: hatched, hidden: { picture: true, mask: true } }, 4, 4)[3]).toBe(0);
  });

  it('a live stroke shows as it will be kept; outside the part nothing is written', () => {
    const masked = mapMask(document, { x: 0, y: 0, width: 20, height: 20 }, (mask) => blankMask(mask, 255));
    const live = beginStroke({ ...ink, layer: 'mask', mode: 'erase' }, brush, document.canvas, {
      x: 10,
      y: 10,
      pressure: 1,
    });
    expect(pixelOf({ document: masked, overlay, live }, 10, 10)).toEqual([100, 100, 100, 255]);
    expect(pixelOf({ document: masked, overlay, live }, 10, 10, { x: 20, y: 20, width: 4, height: 4 })).toEqual([
      0, 0, 0, 0,
    ]);
    expect(masked.mask.tiles.get(tileKey(0, 0))![10 * TILE + 10]).toBe(255);
  });
});

/**
 * A canvas in plain bytes: clip, clear, fill, images by nearest pixel; outlines as the box that they touch. Enough to
 * see what was left undrawn.
 */
class Canvas {
  readonly data: Uint8ClampedArray;
  drawn = 0;
  #clip: Box;
  #path: Box[] = [];
  fillStyle = '';
  strokeStyle = '';
  lineWidth = 1;
  imageSmoothingEnabled = false;
  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.data = new Uint8ClampedArray(width * height * 4);
    this.#clip = { x: 0, y: 0, width, height };
  }
  #paint(box: Box, colour: (x: number, y: number) => ArrayLike<number>) {
    const whole = {
      x: Math.floor(box.x),
      y: Math.floor(box.y),
      width: Math.ceil(box.width),
      height: Math.ceil(box.height),
    };
    const part = intersection(intersection(whole, this.#clip), { x: 0, y: 0, width: this.width, height: this.height });
    for (let y = part.y; y < part.y + part.height; y++)
      for (let x = part.x; x < part.x + part.width; x++) {
        this.data.set(colour(x, y), 4 * (y * this.width + x));
        this.drawn++;
      }
  }
  #flat(style: string) {
    const value = [...style].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) & 0xffffff, 7);
    return () => [value & 255, (value >> 8) & 255, value >> 16, 255];
  }
  #edges({ x, y, width, height }: Box) {
    const w = this.lineWidth;
    const [left, top] = [x - w / 2, y - w / 2];
    for (const box of [
      { x: left, y: top, width: width + w, height: w },
      { x: left, y: top + height, width: width + w, height: w },
      { x: left, y: top, width: w, height: height + w },
      { x: left + width, y: top, width: w, height: height + w },
    ])
      this.#paint(box, this.#flat(this.strokeStyle));
  }
  save() {}
  restore() {
    this.#clip = { x: 0, y: 0, width: this.width, height: this.height };
  }
  beginPath() {
    this.#path = [];
  }
  closePath() {}
  rect(x: number, y: number, width: number, height: number) {
    this.#path.push({ x, y, width, height });
  }
  clip() {
    this.#clip = this.#path[0];
  }
  arc(x: number, y: number, radius: number) {
    this.#path.push({ x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius });
  }
  lineTo(x: number, y: number) {
    this.#path.push({ x, y, width: 0, height: 0 });
  }
  stroke() {
    for (const box of this.#path) this.#edges(box);
  }
  setLineDash() {}
  clearRect(x: number, y: number, width: number, height: number) {
    this.#paint({ x, y, width, height }, () => [0, 0, 0, 0]);
  }
  fillRect(x: number, y: number, width: number, height: number) {
    this.#paint({ x, y, width, height }, this.#flat(this.fillStyle));
  }
  strokeRect(x: number, y: number, width: number, height: number) {
    this.#edges({ x, y, width, height });
  }
  createImageData(width: number, height: number) {
    return { width, height, data: new Uint8ClampedArray(width * height * 4) };
  }
  putImageData(
    { data }: { data: Uint8ClampedArray },
    _x: number,
    _y: number,
    left: number,
    top: number,
    width: number,
    height: number,
  ) {
    for (let y = top; y < top + height; y++) {
      const start = 4 * (y * this.width + left);
      this.data.set(data.subarray(start, start + 4 * width), start);
    }
  }
  drawImage(image: Canvas, x: number, y: number, width: number, height: number) {
    this.#paint({ x, y, width, height }, (px, py) => {
      const from = 4 * (Math.floor(((py - y) / height) * TILE) * TILE + Math.floor(((px - x) / width) * TILE));
      const to = 4 * (py * this.width + px);
      return image.data[from + 3] > 0 ? image.data.subarray(from, from + 4) : this.data.slice(to, to + 4);
    });
  }
}

/** An editor's view whose frames are drawn by hand. */
function attach(editor: Editor, width: number, height: number) {
  const canvas = new Canvas(width, height);
  let waiting: (() => void) | undefined;
  let frames = 0;
  const detach = editor.attach({
    context: canvas as unknown as RenderContext,
    createSurface: (w, h): Surface => {
      const surface = new Canvas(w, h);
      return { image: surface as unknown as CanvasImageSource, context: surface as unknown as RenderContext };
    },
    ratio: 1,
    requestFrame(draw) {
      waiting = draw;
      return () => {
        waiting = undefined;
      };
    },
  });
  const settle = () => {
    while (waiting) {
      const draw = waiting;
      waiting = undefined;
      draw();
      frames++;
    }
  };
  return { canvas, settle, detach, frames: () => frames, isWaiting: () => waiting !== undefined };
}

const SIZE = 160;
const opened = () => {
  const editor = createEditor({ width: SIZE, height: SIZE, now: () => 0 });
  editor.openPicture(documentOf(blankPicture({ width: 300, height: 300 }, [40, 80, 120, 255])));
  editor.actualSize();
  return editor;
};

describe('renderer', () => {
  it('shows the picture, and a live stroke in the frame after its event', () => {
    const editor = opened();
    const { canvas, settle, isWaiting } = attach(editor, SIZE, SIZE);
    settle();
    const at = (x: number, y: number) => [...canvas.data.subarray(4 * (y * SIZE + x), 4 * (y * SIZE + x) + 4)];
    expect(at(5, 150)).toEqual([40, 80, 120, 255]);
    drive(editor).down(80, 80);
    expect(at(80, 80)).toEqual([40, 80, 120, 255]);
    expect(isWaiting()).toBe(true);
    settle();
    expect(at(80, 80)[0]).toBeGreaterThan(140); // tinted red
    expect(isWaiting()).toBe(false);
  });

  it('draws only what changed, once a frame however many events come', () => {
    const editor = opened();
    editor.setBrush({ size: 10 });
    const { canvas, settle, frames } = attach(editor, SIZE, SIZE);
    drive(editor).down(30, 30);
    settle();
    const [before, drawn] = [frames(), canvas.drawn];
    for (let x = 31; x < 50; x++) drive(editor).move(x, 30);
    settle();
    expect(frames()).toBe(before + 1);
    // The stroke of 20 x 10 pixels and the cursor: clear, fill, image and outlines of a box of about 40 x 20.
    expect(canvas.drawn - drawn).toBeLessThan(5 * 45 * 25);
  });

  it('what is drawn bit by bit equals a fresh drawing, after any gestures', () => {
    const coordinate = fc.integer({ min: -10, max: SIZE + 10 });
    const action = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('draw' as const),
          points: fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 4 }),
          lift: fc.boolean(),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant('key' as const),
          key: fc.constantFrom('b', 'e', 'l', 'r', 'c', 'x', '[', 'Escape'),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constantFrom(
            'undo' as const,
            'redo' as const,
            'frame' as const,
            'candidate' as const,
            'accept' as const,
            'reject' as const,
          ),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant('wheel' as const),
          x: coordinate,
          y: coordinate,
          deltaY: fc.integer({ min: -400, max: 400 }),
        }),
      },
    );
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 10 }), (actions) => {
        const editor = opened();
        const view = attach(editor, SIZE, SIZE);
        for (const item of actions) {
          if (item.do === 'draw') {
            drive(editor).down(...item.points[0]);
            for (const at of item.points) {
              drive(editor).move(...at);
              view.settle();
            }
            if (item.lift) drive(editor).up(...item.points[item.points.length - 1]);
          } else if (item.do === 'key') editor.key({ type: 'down', key: item.key });
          else if (item.do === 'wheel') editor.wheel({ ...item, deltaX: 0 });
          else if (item.do === 'frame') editor.extendFrame('w', 16);
          else if (item.do === 'candidate')
            editor.addCandidate('a', blankPicture({ width: 50, height: 50 }, [9, 200, 9, 255]), {
              x: 100,
              y: 100,
              width: 50,
              height: 50,
            });
          else if (item.do === 'accept') {
            if (editor.snapshot().staging.shown) editor.accept();
          } else if (item.do === 'reject') editor.reject();
          else editor[item.do]();
          view.settle();
        }
        const fresh = attach(editor, SIZE, SIZE);
        fresh.settle();
        const off = view.canvas.data.findIndex((value, i) => value !== fresh.canvas.data[i]);
        expect(off < 0 ? 'equal' : `pixel ${(off >> 2) % SIZE}, ${Math.floor((off >> 2) / SIZE)}`).toBe('equal');
      }),
      { numRuns: 40 },
    );
  });

  it('composes within its budget a frame and goes on in the next', () => {
    let time = 0;
    const editor = createEditor({ width: 1024, height: 1024, now: () => (time += 5) });
    editor.openPicture(documentOf(blankPicture({ width: 1024, height: 1024 }, [40, 80, 120, 255])));
    editor.actualSize();
    const { canvas, settle, frames } = attach(editor, 1024, 1024);
    settle();
    expect(frames()).toBeGreaterThan(4); // 16 tiles, two a frame at 5 ms each
    expect(canvas.data[4 * (1000 * 1024 + 1000)]).toBe(40);
    expect([...readPicture(editor.snapshot().document, { x: 1000, y: 1000, width: 1, height: 1 }).data]).toEqual([
      40, 80, 120, 255,
    ]);
  });

  it('draws nothing after it was detached', () => {
    const editor = opened();
    const { detach, isWaiting } = attach(editor, SIZE, SIZE);
    detach();
    expect(isWaiting()).toBe(false);
    editor.setTool('lasso');
    expect(isWaiting()).toBe(false);
  });
});
