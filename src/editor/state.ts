import type { Size } from '../core/image/picture';
import { type CanvasDocument, createDocument } from './document/document';
import type { Hidden, Overlay } from './render/compose';
import { NO_STAGING, type Staging } from './staging';
import type { Gesture, ToolId } from './tools/gesture';
import type { Brush, Colour, Ink } from './tools/stroke';
import type { Viewport } from './viewport/viewport';

/** What the page shows around the canvas. A new object whenever something in it changed, the same one otherwise. */
export interface EditorSnapshot {
  readonly document: CanvasDocument;
  readonly viewport: Viewport;
  readonly tool: ToolId;
  /** What brush, shapes and fill work on. */
  readonly layer: Ink['layer'];
  readonly brush: Brush;
  readonly colour: Colour;
  /** What X swaps the colour with. */
  readonly otherColour: Colour;
  readonly gesture: Gesture['type'];
  readonly staging: Staging;
  /** Layers that are not to be seen for now; what is painted from them stays the same. */
  readonly hidden: Hidden;
  /** How the mask is shown. */
  readonly overlay: Overlay;
  /** What undo and redo would take back or do again, as the history has it; undefined where there is nothing. */
  readonly undoLabel?: string;
  readonly redoLabel?: string;
}

/** An editor's state, for groups of commands in files of their own. */
export interface StateHolder {
  get(): EditorSnapshot;
  /** Shows a changed state to all who listen. */
  set(change: Partial<EditorSnapshot>): void;
}

/** An editor as it opens. @throws EaselError `bad-request` when a side is not 1..8192 */
export function startingState({ width, height }: Size): EditorSnapshot {
  return {
    document: createDocument({ width, height }),
    viewport: { width, height, x: 0, y: 0, scale: 1 },
    tool: 'brush',
    layer: 'mask',
    brush: { size: 64, hardness: 0.8, opacity: 1, pressure: 'size' },
    colour: [0, 0, 0],
    otherColour: [255, 255, 255],
    gesture: 'idle',
    staging: NO_STAGING,
    hidden: {},
    overlay: { colour: [255, 64, 64], opacity: 0.5, look: 'hatch' },
  };
}
