import type { Box, Mask, Picture, Size } from '../core/image/picture';
import { candidateCommands } from './candidate-commands';
import { type CommandId, commandOf, runCommand } from './commands';
import {
  type CanvasDocument,
  createDocument,
  exportMask,
  exportPicture,
  LAYER_IDS,
  type LayerId,
  paintable,
  withFrame,
} from './document/document';
import { knowWhole } from './document/frame-use';
import { restoreCanvas, type SavedCanvas, saveCanvas } from './document/saved';
import {
  EMPTY_HISTORY,
  entryBetween,
  HISTORY_BUDGET,
  type History,
  type HistoryEntry,
  historyBytes,
  record,
  stepBack,
  stepForward,
} from './history/history';
import { keyAction } from './keys';
import type { Hidden } from './render/compose';
import type { RenderScene } from './render/renderer';
import { type AttachedView, attachView, type View } from './render/view';
import { joined, NO_STAGING, type Staging, shownCandidate } from './staging';
import { type EditorSnapshot, type StateHolder, startingState } from './state';
import type { StepLabel } from './step-label';
import { floodFill } from './tools/flood-fill';
import { extendFrame } from './tools/frame';
import {
  cancelled,
  corners,
  type Effect,
  type Gesture,
  IDLE,
  onPointer,
  type Scene,
  strokeLabel,
  type ToolId,
} from './tools/gesture';
import type { KeyInput, PointerInput } from './tools/input';
import { applyInk, BRUSH_SIZE, type Brush, brushOnCanvas, type Colour, type Ink } from './tools/stroke';
import { viewCommands } from './view-commands';
import { fitView, type Point, toCanvas } from './viewport/viewport';

export interface EditorOptions extends Size {
  /** Milliseconds, as performance.now. */
  now(): number;
  /** Bytes of history to keep. */
  historyBudget?: number;
}

export type Editor = ReturnType<typeof createEditor>;

/**
 * The canvas editor without React and without a browser: events and commands in, snapshots and pixels out.
 * @throws EaselError `bad-request` when a side is not 1..8192
 */
export function createEditor({ width, height, now, historyBudget = HISTORY_BUDGET }: EditorOptions) {
  let state: EditorSnapshot = startingState({ width, height });
  let history = EMPTY_HISTORY;
  let gesture: Gesture = IDLE;
  let spaceHeld = false;
  let hover: Point | undefined;
  let view: AttachedView | undefined;
  const listeners = new Set<() => void>();

  const set = (change: Partial<EditorSnapshot>): void => {
    state = { ...state, ...change };
    view?.redraw();
    for (const listener of listeners) listener();
  };

  /** What is hidden, without some layers; the same object where none of them was. */
  const shownAgain = (ids: readonly LayerId[]): Hidden =>
    ids.some((id) => state.hidden[id])
      ? { ...state.hidden, ...Object.fromEntries(ids.map((id) => [id, false])) }
      : state.hidden;

  /** Shows a document and a history together. */
  const show = (document: CanvasDocument, next: typeof history): void => {
    history = next;
    // A change must be seen: a layer that is hidden shows again.
    const hidden = shownAgain(LAYER_IDS.filter((id) => document[id] !== state.document[id]));
    set({ document, hidden, undoLabel: next.undo.at(-1)?.label, redoLabel: next.redo.at(-1)?.label });
  };

  /** The history with a step to another document; undefined where nothing changed. */
  const historyTo = (label: StepLabel, document: CanvasDocument): History | undefined => {
    const entry = entryBetween(label, state.document, document);
    const still =
      entry.changes.length === 0 && same(entry.canvas, document.canvas) && same(entry.frame, document.frame);
    return still ? undefined : record(history, entry, historyBudget);
  };

  /** One step of the history; none where nothing changed. */
  const commit = (label: StepLabel, document: CanvasDocument): void => {
    const next = historyTo(label, document);
    if (next) show(document, next);
  };

  const scene = (): Scene => ({ ...state, spaceHeld });

  const apply = (effect: Effect): void => {
    switch (effect.type) {
      case 'ink':
        keepInk(effect);
        break;
      case 'fill':
        fillAt(effect.x, effect.y);
        break;
      case 'frame':
        commit('Frame', withFrame(state.document, effect.frame));
        break;
      case 'viewport':
        set({ viewport: effect.viewport });
        break;
      case 'colour':
        set({ colour: effect.colour });
        break;
      case 'damage':
        view?.redraw(effect.box);
        break;
      default:
        effect satisfies never;
        throw new RangeError('Unknown effect.');
    }
  };

  /** A live stroke becomes part of the document: what was drawn of it stays as it is. A shape was not drawn yet. */
  const keepInk = ({ label, live }: Extract<Effect, { type: 'ink' }>): void => {
    const document = applyInk(state.document, live);
    if ('path' in live) view?.settle(document);
    commit(label, document);
  };

  const become = ([next, effects]: readonly [Gesture, readonly Effect[]]): void => {
    const changed = next.type !== gesture.type;
    gesture = next;
    for (const effect of effects) apply(effect);
    if (!changed) return;
    const draws = next.type === 'stroking' || next.type === 'shaping';
    // What is drawn must be seen: the candidate over it steps aside.
    const hidden = shownAgain([state.layer]);
    set({ gesture: next.type, ...(draws ? { hidden, staging: { ...state.staging, shown: undefined } } : {}) });
  };

  const fillAt = (x: number, y: number): void => {
    const { document, layer, colour, brush } = state;
    const coverage = floodFill(document, layer, paintable(document), x, y);
    commit('Fill', applyInk(document, { coverage, ink: { layer, colour, mode: 'paint', opacity: brush.opacity } }));
  };

  const cancel = (): void => become(cancelled(gesture));

  const travel = (step: ReturnType<typeof stepBack>): void => {
    cancel();
    if (step) show(step.document, step.history);
  };
  /** The steps that accepted a painting, with all that were offered then. */
  const accepted = new WeakMap<HistoryEntry, Staging>();
  /** What was accepted is offered again when that is taken back, and no longer when it is done again. */
  const undo = (): void => {
    const staging = history.undo.length > 0 ? accepted.get(history.undo[history.undo.length - 1]) : undefined;
    travel(stepBack(state.document, history));
    if (!staging) return;
    accepted.set(history.redo[history.redo.length - 1], staging);
    set({ staging: joined(staging, state.staging) });
  };
  const redo = (): void => {
    const staging = history.redo.length > 0 ? accepted.get(history.redo[history.redo.length - 1]) : undefined;
    travel(stepForward(state.document, history));
    if (!staging) return;
    accepted.set(history.undo[history.undo.length - 1], staging);
    set({ staging: NO_STAGING });
  };
  const accept = (label: StepLabel, document: CanvasDocument): void => {
    const next = historyTo(label, document);
    if (!next) return;
    accepted.set(next.undo[next.undo.length - 1], state.staging);
    show(document, next);
  };

  const command = (id: CommandId, amount?: number): void => {
    const { label, amount: range } = commandOf(id);
    cancel();
    commit(
      label,
      runCommand(state.document, id, Math.min(range?.max ?? 0, Math.max(0, amount ?? range?.default ?? 0))),
    );
  };

  const setBrush = (change: Partial<Brush>): void => {
    const brush = { ...state.brush, ...change };
    set({ brush: { ...brush, size: Math.min(BRUSH_SIZE.max, Math.max(BRUSH_SIZE.min, brush.size)) } });
  };

  /** A step of its own also where the new canvas is as blank as the one before: from then on it is begun. */
  const open = (label: StepLabel, document: CanvasDocument): void => {
    cancel();
    show(document, record(history, entryBetween(label, state.document, document), historyBudget));
    set({ staging: NO_STAGING, viewport: fitView(state.viewport, document.canvas) });
  };

  const hideLayer = (id: LayerId, hidden: boolean): void => set({ hidden: { ...state.hidden, [id]: hidden } });

  const swap = (): void => {
    if (state.layer === 'sketch') set({ colour: state.otherColour, otherColour: state.colour });
    else set({ tool: state.tool === 'eraser' ? 'brush' : 'eraser' });
  };

  const renderScene = (): RenderScene => {
    const painting = state.tool === 'brush' || state.tool === 'eraser';
    return {
      ...state,
      live: gesture.type === 'stroking' ? gesture.stroke : undefined,
      candidate: shownCandidate(state.staging),
      frame: gesture.type === 'dragging' ? gesture.frame : state.document.frame,
      handles: state.tool === 'frame',
      outline: gesture.type === 'shaping' ? outlineOf(gesture) : undefined,
      cursor:
        hover && painting
          ? { ...toCanvas(state.viewport, hover), radius: brushOnCanvas(state.brush, state.viewport.scale).size / 2 }
          : undefined,
    };
  };

  const holder: StateHolder = { get: () => state, set };
  return {
    ...viewCommands(holder),
    ...candidateCommands(holder, accept),

    /** A pointer event of the view. While idle it only moves the brush's cursor. */
    pointer(input: PointerInput): void {
      hover = input.type === 'leave' || input.pointerType === 'touch' ? undefined : { x: input.x, y: input.y };
      become(onPointer(gesture, input, scene()));
      view?.redraw();
    },

    /** A key event. @returns whether it meant something here: then the page prevents the browser's own meaning */
    key(input: KeyInput): boolean {
      const action = keyAction(input);
      if (!action) return false;
      switch (action.type) {
        case 'space':
          spaceHeld = action.held;
          return true;
        case 'tool':
          set({ tool: action.tool });
          return true;
        case 'brush-size':
          setBrush({ size: nextSize(state.brush.size, action.direction) });
          return true;
        case 'swap':
          swap();
          return true;
        case 'undo':
          undo();
          return true;
        case 'redo':
          redo();
          return true;
        case 'command':
          command(action.command);
          return true;
        case 'toggle-mask':
          hideLayer('mask', !state.hidden.mask);
          return true;
        case 'cancel': {
          const busy = gesture.type !== 'idle';
          cancel();
          return busy;
        }
        default:
          action satisfies never;
          return false;
      }
    },

    /** The page lost the keyboard: no key is held any more. */
    releaseKeys(): void {
      spaceHeld = false;
    },

    /** @returns takes the listener away */
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot: (): EditorSnapshot => state,

    undo,
    redo,
    command,
    setBrush,
    cancel,
    setTool: (tool: ToolId): void => set({ tool }),
    setLayer: (layer: Ink['layer']): void => set({ layer }),
    setColour: (colour: Colour): void => set({ colour }),
    /** What is hidden stays part of the canvas, and of what is painted from. */
    hideLayer,
    setOverlay: (overlay: EditorSnapshot['overlay']): void => set({ overlay }),
    swap,

    /**
     * An empty canvas in place of everything, as one step. @throws EaselError `bad-request` when a side is not 1..8192
     */
    openBlank: (size: Size): void => open('New canvas', createDocument(size)),
    /**
     * A picture's document in place of everything on the canvas, as one step: `documentOf` makes it, which takes long
     * for a large picture, so the page has it done elsewhere.
     */
    openPicture(document: CanvasDocument): void {
      knowWhole(document);
      open('Open picture', document);
    },
    /** The frame set by numbers. @throws EaselError `bad-request` when it and the canvas are over 8192 a side */
    setFrame: (frame: Box): void => commit('Frame', withFrame(state.document, frame)),
    /** The frame moved outwards on one side, for outpainting. */
    extendFrame(edge: 'n' | 'e' | 's' | 'w', pixels: number): void {
      const { document } = state;
      commit('Outpaint', withFrame(document, extendFrame(document.frame, edge, pixels, document.canvas)));
    },

    exportPicture: (): Picture => exportPicture(state.document),
    exportMask: (): Mask => exportMask(state.document),

    /** Canvas and history head as plain data for IndexedDB. A stroke that is being drawn is in it as far as it is. */
    save(budget?: number): SavedCanvas {
      if (gesture.type !== 'stroking') return saveCanvas(state.document, history, budget);
      const document = applyInk(state.document, gesture.stroke);
      return saveCanvas(document, historyTo(strokeLabel(gesture.stroke), document) ?? history, budget);
    },
    /** A stored canvas in place of this one. @throws EaselError as restoreCanvas */
    restore(saved: unknown): void {
      const restored = restoreCanvas(saved);
      cancel();
      show(restored.document, restored.history);
      set({ staging: NO_STAGING });
    },
    historyBytes: (): number => historyBytes(history),

    /** Draws on a canvas from now on, at most once a frame. @returns stops it */
    attach(target: Omit<View, 'now'>): () => void {
      view?.detach();
      const attached = attachView({ ...target, now }, renderScene);
      view = attached;
      return () => {
        attached.detach();
        if (view === attached) view = undefined;
      };
    },
  };
}

const same = (a: Box, b: Box): boolean => a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;

/** The next size up or down: a tenth more or less, at least a pixel. */
const nextSize = (size: number, direction: 1 | -1): number => Math.round(size + direction * Math.max(1, size / 10));

const outlineOf = ({ shape, points }: Extract<Gesture, { type: 'shaping' }>): readonly Point[] =>
  shape === 'lasso' ? points : corners(points);
