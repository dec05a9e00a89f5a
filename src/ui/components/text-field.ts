/** Fields in which keys write, and Ctrl+Z takes back what was typed. */
const TEXT_FIELDS =
  'input:not([type="range"], [type="checkbox"], [type="radio"], [type="color"]), textarea, [contenteditable]';

/** Whether an event goes to a field in which a person types. */
export function isTextField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TEXT_FIELDS) !== null;
}
