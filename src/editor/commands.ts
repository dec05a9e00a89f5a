import { blurMask } from '../core/image/blur';
import { growMask, invertMask, shrinkMask } from '../core/image/morphology';
import { type Box, blankMask, type Mask } from '../core/image/picture';
import { type CanvasDocument, cropToFrame, mapMask, paintable } from './document/document';
import { emptyLayer } from './document/tiles';

interface Command {
  readonly id: string;
  readonly label: string;
  /** Pixels that the command takes, for those that take any. */
  readonly amount?: { readonly default: number; readonly max: number };
}

/** What can be done to the canvas at once, each one step of the history. */
export const COMMANDS = [
  { id: 'invert-mask', label: 'Invert mask' },
  { id: 'clear-mask', label: 'Clear mask' },
  { id: 'fill-mask', label: 'Mask everything' },
  { id: 'grow-mask', label: 'Grow mask', amount: { default: 8, max: 128 } },
  { id: 'shrink-mask', label: 'Shrink mask', amount: { default: 8, max: 128 } },
  { id: 'feather-mask', label: 'Feather mask', amount: { default: 8, max: 64 } },
  { id: 'clear-sketch', label: 'Clear sketch' },
  { id: 'crop-to-frame', label: 'Crop to frame' },
] as const satisfies readonly Command[];

export type CommandId = (typeof COMMANDS)[number]['id'];

/** The command's table entry. */
export const commandOf = (id: CommandId): (typeof COMMANDS)[number] & Command =>
  COMMANDS.find((command) => command.id === id)!;

/**
 * The document after a command.
 * @param amount pixels: a radius to grow and shrink, the blur's sigma to feather
 */
export function runCommand(document: CanvasDocument, id: CommandId, amount: number): CanvasDocument {
  const onMask = (change: (mask: Mask) => Mask, area: Box = paintable(document)) => mapMask(document, area, change);
  switch (id) {
    case 'invert-mask':
      return onMask(invertMask);
    case 'clear-mask':
      return { ...document, mask: emptyLayer(1) };
    case 'fill-mask':
      return onMask((mask) => blankMask(mask, 255));
    case 'grow-mask':
      return onMask((mask) => growMask(mask, amount));
    case 'shrink-mask':
      return onMask((mask) => shrinkMask(mask, amount));
    case 'feather-mask':
      return onMask((mask) => blurMask(mask, amount));
    case 'clear-sketch':
      return { ...document, sketch: emptyLayer(4) };
    case 'crop-to-frame':
      return cropToFrame(document);
    default:
      id satisfies never;
      throw new RangeError(`Unknown command "${String(id)}".`);
  }
}
