import { FIELDS } from '../../core/request/fields';
import { texts } from '../../texts/store';

export interface Size {
  width: number;
  height: number;
}

export interface SizePreset extends Size {
  /** "1:1", "3:2". */
  ratio: string;
  /** "Square", "Portrait". */
  name: string;
}

const SHAPES = [
  { name: texts.square, ratio: [1, 1] },
  { name: texts.portrait, ratio: [3, 4] },
  { name: texts.landscape, ratio: [4, 3] },
  { name: texts.tall, ratio: [9, 16] },
  { name: texts.wide, ratio: [16, 9] },
] as const;

/** Networks of three downsamplings over an 8-pixel latent are at their best on whole multiples of this. */
export const PRESET_GRID = 32;

/** Sizes of about the model's own number of pixels, its own size first: far from it, objects double or melt. */
export function sizePresets(own: Size): SizePreset[] {
  const side = Math.sqrt(own.width * own.height);
  const presets = SHAPES.map(({ name, ratio: [across, down] }) => ({
    name,
    ratio: `${across}:${down}`,
    width: onGrid(side * Math.sqrt(across / down), PRESET_GRID),
    height: onGrid(side * Math.sqrt(down / across), PRESET_GRID),
  }));
  const isOwn = (preset: Size) => preset.width === own.width && preset.height === own.height;
  const others = presets.filter((preset) => !isOwn(preset));
  const first = presets.find(isOwn) ?? { ...own, name: texts.modelsOwn, ratio: 'own' };
  return [first, ...others];
}

/** The other side that keeps `ratio` (width over height) when one side is set. */
export function withRatio(name: 'width' | 'height', value: number, ratio: number): Size {
  const { step } = FIELDS.width;
  return name === 'width'
    ? { width: value, height: onGrid(value / ratio, step) }
    : { width: onGrid(value * ratio, step), height: value };
}

export function onGrid(pixels: number, grid: number): number {
  const { min, max } = FIELDS.width;
  return Math.min(max, Math.max(min, Math.round(pixels / grid) * grid));
}
