import type { NumberFieldName } from '../../core/request-fields';

/** Puts the focus on the field of a number, which is on the page; unfolds what hides it. */
export function focusField(name: NumberFieldName): void {
  const field = document.querySelector<HTMLElement>(`[data-field="${name}"]`);
  field?.closest('details')?.setAttribute('open', '');
  field?.focus();
}
