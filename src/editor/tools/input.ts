/**
 * A pointer event without the browser: what the view copies out of a PointerEvent. Coordinates are CSS pixels from the
 * view's corner.
 */
export interface PointerInput {
  type: 'down' | 'move' | 'up' | 'cancel' | 'leave';
  x: number;
  y: number;
  /** 0 .. 1; a mouse says 0.5. */
  pressure: number;
  pointerId: number;
  pointerType: 'mouse' | 'pen' | 'touch';
  /** As PointerEvent.buttons: 1 left or touch, 2 right, 4 middle, 32 a pen's eraser. */
  buttons: number;
  modifiers?: Modifiers;
  /** Milliseconds. */
  time: number;
  /** The samples that the browser joined into this move (getCoalescedEvents), the move's own last. */
  coalesced?: readonly { x: number; y: number; pressure: number }[];
}

export interface Modifiers {
  shift?: boolean;
  alt?: boolean;
  ctrl?: boolean;
  meta?: boolean;
}

/** A key event without the browser; `key` as KeyboardEvent.key. */
export interface KeyInput {
  type: 'down' | 'up';
  key: string;
  modifiers?: Modifiers;
}

/** A wheel event without the browser; deltas in pixels. A trackpad's pinch comes with `ctrl`. */
export interface WheelInput {
  x: number;
  y: number;
  deltaX: number;
  deltaY: number;
  modifiers?: Modifiers;
}

export const BUTTON = { primary: 1, middle: 4, eraser: 32 } as const;
