import { blankPicture } from '../../core/image/picture';
import { mersenneTwister } from '../../core/random';
import { documentOf } from '../../editor/document/document';
import { createEditor, type Editor } from '../../editor/editor';
import type { Surface } from '../../editor/render/renderer';
import type { View } from '../../editor/render/view';
import { drive } from '../../testing/driver';
import { MACHINE, report } from './report';

const SIDE = 4096;
const STROKES = 500;
const MOVES = 20;

/**
 * A page's canvas without the page: what the editor composes is real, what the browser would then draw costs nothing
 * here.
 */
function blankView(requestFrame: (draw: () => void) => void): Omit<View, 'now'> {
  const nothing = () => {};
  const context = new Proxy(
    { createImageData: (width: number, height: number) => ({ data: new Uint8ClampedArray(4 * width * height) }) },
    { get: (target, name) => (name in target ? target[name as keyof typeof target] : nothing), set: () => true },
  ) as unknown as View['context'];
  return {
    context,
    createSurface: (): Surface => ({ image: {} as Surface['image'], context }),
    ratio: 1,
    requestFrame(draw) {
      requestFrame(draw);
      return nothing;
    },
  };
}

/** An editor with a photograph-like picture and a window of 1280 x 800, and the frames that it asks for. */
function openCanvas(): { editor: Editor; frame: () => void } {
  const editor = createEditor({ width: SIDE, height: SIDE, now: () => performance.now() });
  const picture = blankPicture({ width: SIDE, height: SIDE }, [0, 0, 0, 255]);
  const pixels = new Uint32Array(picture.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (Math.imul(i, 2654435761) >>> 8) | 0xff000000;
  editor.resizeView({ width: 1280, height: 800 });
  editor.openPicture(documentOf(picture));
  let waiting: (() => void) | undefined;
  editor.attach(
    blankView((draw) => {
      waiting = draw;
    }),
  );
  const frame = () => {
    while (waiting) {
      const draw = waiting;
      waiting = undefined;
      draw();
    }
  };
  frame();
  return { editor, frame };
}

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
const spread = (values: readonly number[]): string => {
  const all = sorted(values);
  const at = (share: number) => all[Math.min(all.length - 1, Math.floor(share * all.length))].toFixed(2);
  return `median ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, worst ${at(1)}`;
};

/** Strokes with a 100 px brush at one zoom, a frame drawn after every event as on a page that keeps up. */
function drawStrokes(scale: number, hardness: number) {
  const { editor, frame } = openCanvas();
  editor.zoomBy(scale / editor.snapshot().viewport.scale);
  frame();
  editor.setBrush({ size: 100, hardness });
  const draw = mersenneTwister(1);
  const upTo = (n: number) => (draw() / 2 ** 32) * n;
  const [moves, commits, undos]: number[][] = [[], [], []];
  const timed = (into: number[], act: () => void) => {
    const started = performance.now();
    act();
    frame();
    into.push(performance.now() - started);
  };
  const cpu = process.cpuUsage();
  const mouse = drive(editor);
  for (let stroke = 0; stroke < STROKES; stroke++) {
    let [x, y] = [100 + upTo(1080), 100 + upTo(600)];
    const turn = upTo(2 * Math.PI);
    mouse.down(x, y);
    for (let move = 0; move < MOVES; move++) {
      // 15 screen pixels an event: a quick hand at 120 events a second.
      x += 15 * Math.cos(turn + move / 8);
      y += 15 * Math.sin(turn + move / 8);
      timed(moves, () => mouse.move(x, y));
    }
    timed(commits, () => mouse.up(x, y));
  }
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1000 / STROKES / (MOVES + 2);
  const historyMiB = editor.historyBytes() / 2 ** 20;
  for (let step = 0; step < 50; step++) timed(undos, editor.undo);
  return { moves, commits, undos, historyMiB, cpuMs };
}

/** Milliseconds from a pointer event to the composed frame for a 100 px brush on 4096 x 4096 pixels. */
export async function editor(): Promise<void> {
  const figures: Record<string, string> = {
    machine: MACHINE,
    what: `100 px brush, ${SIDE} x ${SIDE}, ${STROKES} strokes of ${MOVES} events a row`,
  };
  for (const [name, scale, hardness] of [
    ['100 % hard', 1, 1],
    ['100 % soft', 1, 0],
    ['20 % soft', 0.2, 0],
  ] as const) {
    const { moves, commits, undos, historyMiB, cpuMs } = drawStrokes(scale, hardness);
    figures[`${name}: ms an event`] = spread(moves);
    figures[`${name}: CPU ms an event`] = `mean ${cpuMs.toFixed(2)}, commits and collection of garbage included`;
    figures[`${name}: ms to commit`] = spread(commits);
    figures[`${name}: ms to undo`] = spread(undos);
    figures[`${name}: history MiB`] = historyMiB.toFixed(1);
  }
  await report('editor', figures);
}
