import type { NumberName } from '../../core/request/fields';

/** Puts the focus on the field of a number, which is on the page; unfolds what hides it. */
export function focusField(name: NumberName): void {
  // Views seen before stay on the page, hidden.
  const fields = Array.from(document.querySelectorAll<HTMLElement>(`[data-field="${name}"]`));
  const field = fields.find((element) => !element.closest('.view:not([data-current])'));
  field?.closest('details')?.setAttribute('open', '');
  field?.focus();
}
