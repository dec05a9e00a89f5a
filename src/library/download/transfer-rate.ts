/** How long back the rate looks. */
const WINDOW_MS = 10_000;

/** Bytes a second over the last seconds. */
export class TransferRate {
  readonly #marks: { at: number; bytes: number }[] = [];
  #bytes = 0;

  add(bytes: number, now: number): void {
    this.#bytes += bytes;
    this.#marks.push({ at: now, bytes: this.#bytes });
    while (this.#marks.length > 2 && this.#marks[1].at < now - WINDOW_MS) this.#marks.shift();
  }

  /** Undefined until there is something to tell it from. */
  perSecond(now: number): number | undefined {
    const [first] = this.#marks;
    if (!first || now - first.at < 500) return undefined;
    return ((this.#bytes - first.bytes) * 1000) / (now - first.at);
  }
}
