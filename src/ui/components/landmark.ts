/** Holds what is laid over the page and read, as everything that is read should stand inside a landmark. */
export const landmark = (): HTMLElement | null => document.querySelector('.view[data-current] main');
