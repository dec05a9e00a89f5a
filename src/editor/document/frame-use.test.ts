import { expect, it } from 'vitest';
import { type Box, blankMask, blankPicture } from '../../core/image/picture';
import { type CanvasDocument, createDocument, documentOf, withFrame } from './document';
import { frameUse, knowWhole } from './frame-use';
import { TILE, tileKey, writeLayer } from './tiles';

const SIZE = { width: 300, height: 200 };
const picture = () => documentOf(blankPicture(SIZE, [9, 8, 7, 255]));

function withMask(document: CanvasDocument, box: Box): CanvasDocument {
  return { ...document, mask: writeLayer(document.mask, box, blankMask(box, 255).data) };
}

it('paints from words alone where the frame shows nothing', () => {
  expect(frameUse(createDocument(SIZE))).toEqual({ task: 'text-to-image' });
  const aside = withFrame(picture(), { x: 400, y: 0, width: 64, height: 64 });
  expect(frameUse(aside)).toEqual({ task: 'text-to-image' });
});

it('paints from the picture, and inpaints what is masked in the frame, not beside it', () => {
  expect(frameUse(picture())).toEqual({ task: 'image-to-image' });
  // Across the border of two tiles, which are 256 wide.
  const masked = withMask(picture(), { x: 250, y: 20, width: 12, height: 8 });
  expect(frameUse(masked)).toEqual({ task: 'inpaint', masked: { x: 250, y: 20, width: 12, height: 8 } });
  expect(frameUse(withFrame(masked, { x: 0, y: 0, width: 128, height: 128 }))).toEqual({ task: 'image-to-image' });
  expect(frameUse(withFrame(masked, { x: 0, y: 0, width: 256, height: 128 }))).toMatchObject({
    masked: { x: 250, y: 20, width: 6, height: 8 },
  });
});

it('outpaints where the frame reaches beyond the picture', () => {
  const reaching = withFrame(picture(), { x: 100, y: 0, width: 264, height: 200 });
  expect(frameUse(reaching)).toEqual({ task: 'outpaint', masked: { x: 300, y: 0, width: 64, height: 200 } });
  const both = withMask(reaching, { x: 120, y: 10, width: 4, height: 4 });
  expect(frameUse(both)).toEqual({ task: 'inpaint', masked: { x: 120, y: 0, width: 244, height: 200 } });
});

it('goes on from a sketch on bare ground', () => {
  const blank = createDocument(SIZE);
  const stroke = { x: 10, y: 10, width: 20, height: 5 };
  const sketched = { ...blank, sketch: writeLayer(blank.sketch, stroke, blankPicture(stroke, [255, 0, 0, 255]).data) };
  expect(frameUse(sketched).task).toBe('image-to-image');
});

it('takes a picture that was just opened for whole without a look at its tiles, but for those at its edge', () => {
  const opened = documentOf(blankPicture({ width: TILE + 10, height: TILE }, [9, 8, 7, 255]));
  knowWhole(opened);
  // Were they looked at, a hole would be found in both.
  for (const column of [0, 1]) opened.picture.tiles.get(tileKey(column, 0))?.fill(0, 0, 4);
  expect(frameUse(opened)).toEqual({ task: 'outpaint', masked: { x: TILE, y: 0, width: 1, height: 1 } });
});
