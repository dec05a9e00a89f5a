import { crc32 } from '../core/image/png-chunks';
import { LAYER_IDS, readMask, readPicture } from '../editor/document/document';
import type { Editor } from '../editor/editor';
import type { Modifiers, PointerInput } from '../editor/tools/input';

/** A hand at an editor, for tests and benches: events in short, ten milliseconds apart, in screen pixels. */
export function drive(editor: Editor, { pointerId = 1, pointerType = 'mouse' as PointerInput['pointerType'] } = {}) {
  let time = 0;
  const send = (type: PointerInput['type'], x: number, y: number, change: Partial<PointerInput> = {}): void => {
    time += 10;
    const buttons = type === 'up' ? 0 : 1;
    editor.pointer({ type, x, y, pressure: 0.5, pointerId, pointerType, buttons, time, ...change });
  };
  return {
    down: (x: number, y: number, change?: Partial<PointerInput>) => send('down', x, y, change),
    move: (x: number, y: number, change?: Partial<PointerInput>) => send('move', x, y, change),
    up: (x: number, y: number, change?: Partial<PointerInput>) => send('up', x, y, change),
    /** The browser takes the pointer away, as when a touch becomes a scroll. */
    lost: (x: number, y: number) => send('cancel', x, y),
    /** Down at the first point, along the others, up at the last. */
    draw(...points: [number, number][]): void {
      send('down', ...points[0]);
      for (const point of points.slice(1)) send('move', ...point);
      send('up', ...points[points.length - 1]);
    },
    /** A key pressed. @returns whether it meant something */
    press: (key: string, modifiers?: Modifiers): boolean => editor.key({ type: 'down', key, modifiers }),
  };
}

/** The mask at a canvas pixel. */
export const maskAt = (editor: Editor, x: number, y: number): number =>
  readMask(editor.snapshot().document, { x, y, width: 1, height: 1 }).data[0];

/** Picture and sketch at a canvas pixel, RGBA. */
export const colourAt = (editor: Editor, x: number, y: number): number[] => [
  ...readPicture(editor.snapshot().document, { x, y, width: 1, height: 1 }).data,
];

/** A text that is the same for documents that are the same byte for byte. */
export function fingerprint(editor: Editor): string {
  const { document } = editor.snapshot();
  const layers = LAYER_IDS.map((id) =>
    [...document[id].tiles].sort(([a], [b]) => a - b).map(([key, tile]) => `${key}:${crc32(tile)}`),
  );
  return JSON.stringify([document.canvas, document.frame, layers]);
}
