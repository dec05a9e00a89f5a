import { type Box, union } from '../../core/image/picture';
import { type CanvasDocument, colourAt, paintable } from '../document/document';
import { type Point, panBy, pinch, toCanvas, type Viewport } from '../viewport/viewport';
import { coverPolygon } from './coverage';
import { dragFrame, type Handle, handleAt } from './frame';
import { BUTTON, type PointerInput } from './input';
import {
  type Brush,
  beginStroke,
  brushOnCanvas,
  type Colour,
  endStroke,
  extendStroke,
  type Ink,
  type LiveInk,
  type Stroke,
} from './stroke';

interface ToolEntry {
  readonly id: string;
  readonly label: string;
  readonly key: string;
  /** One line: what it does. */
  readonly help: string;
}

export const TOOLS = [
  { id: 'brush', label: 'Brush', key: 'b', help: 'Paint over what should change; [ and ] change its size.' },
  { id: 'eraser', label: 'Eraser', key: 'e', help: 'Take away what was painted of mask or sketch.' },
  { id: 'lasso', label: 'Lasso', key: 'l', help: 'Draw around what should change.' },
  { id: 'rectangle', label: 'Rectangle', key: 'r', help: 'Drag a box over what should change.' },
  { id: 'fill', label: 'Fill', key: 'g', help: 'Click to fill what has one colour, up to where it ends.' },
  { id: 'eyedropper', label: 'Eyedropper', key: 'i', help: 'Click to take a colour from the picture.' },
  {
    id: 'frame',
    label: 'Frame',
    key: 'c',
    help: 'The part that is painted next. Drag it beyond the picture to outpaint.',
  },
  { id: 'pan', label: 'Pan', key: 'h', help: 'Drag to move the view. Holding Space does so with any tool.' },
] as const satisfies readonly ToolEntry[];

export type ToolId = (typeof TOOLS)[number]['id'];
export type ToolLabel = (typeof TOOLS)[number]['label'];

/** What the hand is doing. */
export type Gesture =
  | { type: 'idle' }
  | { type: 'stroking'; pointerId: number; pointerType: PointerInput['pointerType']; since: number; stroke: Stroke }
  | { type: 'shaping'; pointerId: number; shape: 'lasso' | 'rectangle'; erase: boolean; points: readonly Point[] }
  | { type: 'panning'; pointerId: number; last: Point }
  | { type: 'pinching'; fingers: ReadonlyMap<number, Point> }
  | { type: 'dragging'; pointerId: number; handle: Handle; from: Point; before: Box; frame: Box };

export const IDLE: Gesture = { type: 'idle' };

/** What a gesture looks at; it changes none of it. */
export interface Scene {
  readonly document: CanvasDocument;
  readonly viewport: Viewport;
  readonly tool: ToolId;
  readonly layer: Ink['layer'];
  readonly brush: Brush;
  readonly colour: Colour;
  /** Space is held: dragging pans whatever the tool. */
  readonly spaceHeld: boolean;
}

/** What a gesture asks the editor to do. */
export type Effect =
  | { type: 'ink'; label: ToolLabel; live: LiveInk }
  | { type: 'fill'; x: number; y: number }
  | { type: 'frame'; frame: Box }
  | { type: 'viewport'; viewport: Viewport }
  | { type: 'colour'; colour: Colour }
  /** The live stroke changed inside a box. */
  | { type: 'damage'; box: Box };

type Outcome = readonly [Gesture, readonly Effect[]];

/** A second finger this soon means a pinch, not a stroke with a resting hand. */
const PINCH_WITHIN_MS = 250;

/** How near in screen pixels a pointer must be to take hold of the frame; fingers are wider. */
const REACH = { mouse: 8, pen: 12, touch: 22 } as const;

/** One step of the state machine. */
export function onPointer(gesture: Gesture, input: PointerInput, scene: Scene): Outcome {
  switch (input.type) {
    case 'down':
      return down(gesture, input, scene);
    case 'move':
      return move(gesture, input, scene);
    case 'up':
      return up(gesture, input, scene);
    case 'cancel':
      return holds(gesture, input.pointerId) ? cancelled(gesture) : [gesture, []];
    case 'leave':
      return [gesture, []];
    default:
      input.type satisfies never;
      throw new RangeError(`Unknown pointer event "${String(input.type)}".`);
  }
}

/** The gesture given up, nothing kept: Esc, a lost pointer, a second finger. */
export function cancelled(gesture: Gesture): Outcome {
  switch (gesture.type) {
    case 'idle':
    case 'panning':
    case 'pinching':
    case 'shaping':
    case 'dragging':
      return [IDLE, []];
    case 'stroking':
      return [IDLE, [{ type: 'damage', box: gesture.stroke.coverage.box }]];
    default:
      gesture satisfies never;
      throw new RangeError('Unknown gesture.');
  }
}

function holds(gesture: Gesture, pointerId: number): boolean {
  if (gesture.type === 'idle') return false;
  return gesture.type === 'pinching' ? gesture.fingers.has(pointerId) : gesture.pointerId === pointerId;
}

const onScreen = ({ x, y }: Point): Point => ({ x, y });

function down(gesture: Gesture, input: PointerInput, scene: Scene): Outcome {
  if (gesture.type === 'idle') return begin(input, scene);
  return input.pointerType === 'touch' ? secondFinger(gesture, input, scene) : [gesture, []];
}

/**
 * A second finger turns what the first began into a pinch, unless the stroke has gone on for a while: then it is a
 * resting hand.
 */
function secondFinger(gesture: Gesture, input: PointerInput, scene: Scene): Outcome {
  const add = (id: number, at: Point): Outcome => {
    const [, effects] = cancelled(gesture);
    return [
      {
        type: 'pinching',
        fingers: new Map([
          [id, at],
          [input.pointerId, onScreen(input)],
        ]),
      },
      effects,
    ];
  };
  if (gesture.type === 'panning') return add(gesture.pointerId, gesture.last);
  const young = gesture.type === 'stroking' && input.time - gesture.since <= PINCH_WITHIN_MS;
  if (!young || gesture.pointerType !== 'touch') return [gesture, []];
  const { x, y } = gesture.stroke.path.recent[gesture.stroke.path.recent.length - 1];
  const { viewport } = scene;
  return add(gesture.pointerId, { x: (x - viewport.x) * viewport.scale, y: (y - viewport.y) * viewport.scale });
}

function begin(input: PointerInput, scene: Scene): Outcome {
  const { pointerId } = input;
  if (input.buttons & BUTTON.middle || ((scene.spaceHeld || scene.tool === 'pan') && input.buttons & BUTTON.primary))
    return [{ type: 'panning', pointerId, last: onScreen(input) }, []];
  if (!(input.buttons & (BUTTON.primary | BUTTON.eraser))) return [IDLE, []];
  const at = toCanvas(scene.viewport, input);
  const { alt = false } = input.modifiers ?? {};
  const erasing = (input.buttons & BUTTON.eraser) !== 0;
  switch (scene.tool) {
    case 'brush':
      if (alt && scene.layer === 'sketch') return pick(at, scene);
      return beginInk(input, scene, erasing ? 'erase' : 'paint');
    case 'eraser':
      return beginInk(input, scene, 'erase');
    case 'lasso':
    case 'rectangle':
      return [{ type: 'shaping', pointerId, shape: scene.tool, erase: alt || erasing, points: [at] }, []];
    case 'fill':
      return [IDLE, [{ type: 'fill', ...at }]];
    case 'eyedropper':
      return pick(at, scene);
    case 'frame': {
      const before = scene.document.frame;
      const handle = handleAt(before, at.x, at.y, REACH[input.pointerType] / scene.viewport.scale);
      return handle ? [{ type: 'dragging', pointerId, handle, from: at, before, frame: before }, []] : [IDLE, []];
    }
    case 'pan':
      return [IDLE, []];
    default:
      scene.tool satisfies never;
      throw new RangeError(`Unknown tool "${String(scene.tool)}".`);
  }
}

function pick(at: Point, { document }: Scene): Outcome {
  const colour = colourAt(document, at.x, at.y);
  return [IDLE, colour ? [{ type: 'colour', colour }] : []];
}

const pressureOf = ({ pointerType }: PointerInput, pressure: number): number => (pointerType === 'pen' ? pressure : 1);

function beginInk(input: PointerInput, scene: Scene, mode: Ink['mode']): Outcome {
  const { pointerId, pointerType, time } = input;
  const ink: Ink = { layer: scene.layer, mode, opacity: scene.brush.opacity, colour: scene.colour };
  const first = { ...toCanvas(scene.viewport, input), pressure: pressureOf(input, input.pressure) };
  const brush = brushOnCanvas(scene.brush, scene.viewport.scale);
  const stroke = beginStroke(ink, brush, paintable(scene.document), first);
  return [
    { type: 'stroking', pointerId, pointerType, since: time, stroke },
    [{ type: 'damage', box: stroke.coverage.box }],
  ];
}

function move(gesture: Gesture, input: PointerInput, scene: Scene): Outcome {
  if (!holds(gesture, input.pointerId)) return [gesture, []];
  switch (gesture.type) {
    case 'idle':
      return [gesture, []];
    case 'stroking': {
      const samples = (input.coalesced?.length ? input.coalesced : [input]).map(({ x, y, pressure }) => ({
        ...toCanvas(scene.viewport, { x, y }),
        pressure: pressureOf(input, pressure),
      }));
      return [gesture, [{ type: 'damage', box: extendStroke(gesture.stroke, samples) }]];
    }
    case 'shaping': {
      const at = toCanvas(scene.viewport, input);
      const points = gesture.shape === 'lasso' ? [...gesture.points, at] : [gesture.points[0], at];
      return [{ ...gesture, points }, []];
    }
    case 'panning':
      return [
        { ...gesture, last: onScreen(input) },
        [{ type: 'viewport', viewport: panBy(scene.viewport, input.x - gesture.last.x, input.y - gesture.last.y) }],
      ];
    case 'pinching': {
      const fingers = new Map(gesture.fingers).set(input.pointerId, onScreen(input));
      const [before, now] = [[...gesture.fingers.values()], [...fingers.values()]] as [Point, Point][];
      return [{ type: 'pinching', fingers }, [{ type: 'viewport', viewport: pinch(scene.viewport, before, now) }]];
    }
    case 'dragging': {
      const at = toCanvas(scene.viewport, input);
      const { from, handle, before } = gesture;
      const frame = dragFrame(before, handle, at.x - from.x, at.y - from.y, scene.document.canvas);
      return [{ ...gesture, frame }, []];
    }
    default:
      gesture satisfies never;
      throw new RangeError('Unknown gesture.');
  }
}

function up(gesture: Gesture, input: PointerInput, scene: Scene): Outcome {
  if (!holds(gesture, input.pointerId)) return [gesture, []];
  switch (gesture.type) {
    case 'idle':
      return [gesture, []];
    case 'stroking': {
      const { stroke } = gesture;
      const last = extendStroke(stroke, [{ ...toCanvas(scene.viewport, input), pressure: lastPressure(stroke) }]);
      return [
        IDLE,
        [
          { type: 'damage', box: union(last, endStroke(stroke)) },
          { type: 'ink', label: strokeLabel(stroke), live: stroke },
        ],
      ];
    }
    case 'shaping':
      return [IDLE, shapeInk(gesture, scene)];
    case 'panning':
      return [IDLE, []];
    case 'pinching': {
      const [[pointerId, last]] = [...gesture.fingers].filter(([id]) => id !== input.pointerId);
      return [{ type: 'panning', pointerId, last }, []];
    }
    case 'dragging':
      return [IDLE, [{ type: 'frame', frame: gesture.frame }]];
    default:
      gesture satisfies never;
      throw new RangeError('Unknown gesture.');
  }
}

export const strokeLabel = ({ ink }: Stroke): ToolLabel => (ink.mode === 'erase' ? 'Eraser' : 'Brush');

/** A lifted pen presses with 0: the stroke ends as thick as it was. */
const lastPressure = ({ path }: Stroke): number => path.recent[path.recent.length - 1].pressure;

function shapeInk({ shape, points, erase }: Extract<Gesture, { type: 'shaping' }>, scene: Scene): Effect[] {
  const outline = shape === 'lasso' ? points : corners(points);
  const ink: Ink = {
    layer: scene.layer,
    mode: erase ? 'erase' : 'paint',
    opacity: scene.brush.opacity,
    colour: scene.colour,
  };
  const coverage = coverPolygon(outline, paintable(scene.document));
  if (coverage.tiles.size === 0) return [];
  return [{ type: 'ink', label: shape === 'lasso' ? 'Lasso' : 'Rectangle', live: { ink, coverage } }];
}

/** A rectangle's corners in whole pixels, from any two opposite points. */
export function corners(points: readonly Point[]): Point[] {
  if (points.length < 2) return [];
  const [a, b] = [points[0], points[points.length - 1]];
  const [left, right] = [Math.floor(Math.min(a.x, b.x)), Math.ceil(Math.max(a.x, b.x))];
  const [top, bottom] = [Math.floor(Math.min(a.y, b.y)), Math.ceil(Math.max(a.y, b.y))];
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
}
