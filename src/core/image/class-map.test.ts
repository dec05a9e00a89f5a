import { describe, expect, it } from 'vitest';
import { classesOf, labelColour } from './class-map';

const picture = (...pixels: readonly (readonly number[])[]) => ({
  width: pixels.length,
  height: 1,
  data: Uint8ClampedArray.from(pixels.flatMap(([r, g, b, a = 255]) => [r, g, b, a])),
});

describe('a map of classes', () => {
  it('has its classes as values of grey', () => {
    expect([...classesOf(picture([0, 0, 0], [7, 7, 7], [181, 181, 181]), 182)]).toEqual([0, 7, 181]);
  });

  it('or in the colours of label maps', () => {
    // As PASCAL VOC publishes them: aeroplane, bicycle, person, television, and the border of objects.
    const table = [1, 2, 15, 20, 255].map((label) => labelColour(label).toString(16).padStart(6, '0'));
    expect(table).toEqual(['800000', '008000', 'c08080', '004080', 'e0e0c0']);
    expect([...classesOf(picture([0, 0, 0], [128, 0, 0], [192, 128, 128]), 21)]).toEqual([0, 1, 15]);
    // Grey among colours is a label's colour, too.
    expect([...classesOf(picture([128, 128, 128], [128, 0, 0]), 21)]).toEqual([7, 1]);
  });

  it('is of class 0 where it is transparent', () => {
    expect([...classesOf(picture([9, 8, 7, 0], [3, 3, 3]), 5)]).toEqual([0, 3]);
  });

  it('is refused by the first pixel that is of no class', () => {
    expect(() => classesOf(picture([1, 1, 1], [200, 200, 200]), 182)).toThrow(/#c8c8c8 at 1, 0.*0 to 181/);
    expect(() => classesOf(picture([1, 2, 3]), 182)).toThrow(/#010203 at 0, 0/);
  });
});
