import type { CommandId } from './commands';
import { TOOLS, type ToolId } from './tools/gesture';
import type { KeyInput } from './tools/input';

/** What a key asks for. */
export type KeyAction =
  | { type: 'tool'; tool: ToolId }
  | { type: 'brush-size'; direction: 1 | -1 }
  | { type: 'space'; held: boolean }
  | { type: 'command'; command: CommandId }
  | { type: 'swap' | 'undo' | 'redo' | 'cancel' | 'toggle-mask' };

/**
 * A key's meaning on the canvas, InvokeAI's and A1111's keys: `[` `]` brush size, X swaps, space pans, Ctrl+Z,
 * Ctrl+Shift+Z and Ctrl+Y, Esc gives up the gesture, Shift+V inverts the mask, M hides or shows it, a letter takes its
 * tool. Cmd stands for Ctrl.
 */
export function keyAction({ type, key, modifiers = {} }: KeyInput): KeyAction | undefined {
  const { shift, alt, ctrl, meta } = modifiers;
  if (key === ' ') return { type: 'space', held: type === 'down' };
  if (type === 'up' || alt) return undefined;
  const letter = key.toLowerCase();
  if (ctrl || meta) {
    if (letter === 'z') return { type: shift ? 'redo' : 'undo' };
    return letter === 'y' ? { type: 'redo' } : undefined;
  }
  switch (letter) {
    case '[':
      return { type: 'brush-size', direction: -1 };
    case ']':
      return { type: 'brush-size', direction: 1 };
    case 'x':
      return { type: 'swap' };
    case 'm':
      return shift ? undefined : { type: 'toggle-mask' };
    case 'escape':
      return { type: 'cancel' };
    case 'v':
      return shift ? { type: 'command', command: 'invert-mask' } : undefined;
    default: {
      const tool = shift ? undefined : TOOLS.find((item) => item.key === letter);
      return tool && { type: 'tool', tool: tool.id };
    }
  }
}
