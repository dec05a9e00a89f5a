import { describe, expect, it } from 'vitest';
import { mersenneTwister } from '../core/random';
import { drive } from '../testing/driver';
import { LAYER_IDS } from './document/document';
import { createEditor } from './editor';

const MIB = 2 ** 20;

describe('a day of drawing', () => {
  it('10,000 strokes on 2048 x 2048 stay under 256 MiB, steps and canvas together, with every step kept', () => {
    const editor = createEditor({ width: 2048, height: 2048, now: () => 0 });
    const mouse = drive(editor);
    const draw = mersenneTwister(7);
    const upTo = (n: number) => (draw() / 2 ** 32) * n;
    for (let stroke = 0; stroke < 10_000; stroke++) {
      // Brush and eraser, mask and sketch, soft and hard, 8 to 100 pixels.
      editor.setLayer(stroke % 4 === 3 ? 'sketch' : 'mask');
      editor.setTool(stroke % 3 === 2 ? 'eraser' : 'brush');
      editor.setBrush({ size: 8 + upTo(92), hardness: upTo(1), opacity: 0.5 + upTo(0.5) });
      editor.setColour([upTo(255) | 0, upTo(255) | 0, upTo(255) | 0]);
      let [x, y] = [upTo(2048), upTo(2048)];
      mouse.down(x, y);
      for (let move = 0; move < 6; move++) {
        x += upTo(60) - 30;
        y += upTo(60) - 30;
        mouse.move(x, y);
      }
      mouse.up(x, y);
    }
    const { document } = editor.snapshot();
    const canvas = LAYER_IDS.flatMap((id) => [...document[id].tiles.values()]).reduce(
      (sum, { length }) => sum + length,
      0,
    );
    expect(canvas).toBeLessThanOrEqual((1 + 4) * 4 * MIB); // a mask and a sketch of 2048 x 2048
    expect(editor.historyBytes() + canvas).toBeLessThan(256 * MIB);
    const { undo } = editor.save(Number.POSITIVE_INFINITY).history;
    const held = undo
      .flatMap(({ changes }) => changes)
      .reduce((sum, change) => sum + ('xor' in change ? change.xor.byteLength : (change.other?.length ?? 0)), 0);
    console.info(`${undo.length} steps, ${(held / MIB).toFixed(0)} MiB`);
    expect(undo.length).toBeGreaterThan(9000); // an eraser on empty ground makes no step
    expect(held).toBeLessThanOrEqual(editor.historyBytes());
  }, 240_000);
});
