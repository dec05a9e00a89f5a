import type { NumberFieldName } from '../../core/request';

/** Puts the focus on the field of a number, which is on the page. */
export function focusField(name: NumberFieldName): void {
  document.querySelector<HTMLElement>(`[data-field="${name}"]`)?.focus();
}
