import type { StateDict } from './state-dict';

/**
 * Reads of weights that stay in memory once they were made, tensor by tensor, as long as there is room: what LoRAs
 * change is then merged at other weights without a read of the model's file. Tensors beyond the room are read as ever.
 */
export class KeptWeights {
  readonly #kept = new Map<string, Promise<Uint8Array>>();
  #room: number;

  /** @param room in bytes */
  constructor(
    readonly dict: Pick<StateDict, 'entries' | 'read'>,
    room: number,
  ) {
    this.#room = room;
  }

  /** As a state dict's. */
  async read(key: string, from?: number, to?: number): Promise<Uint8Array> {
    const kept = this.#kept.get(key) ?? this.#keep(key);
    return kept ? (await kept).subarray(from, to) : this.dict.read(key, from, to);
  }

  #keep(key: string): Promise<Uint8Array> | undefined {
    const entry = this.dict.entries.get(key);
    const bytes = entry ? entry.end - entry.start : 0;
    if (!entry || bytes > this.#room) return undefined;
    this.#room -= bytes;
    const reading = this.dict.read(key);
    this.#kept.set(key, reading);
    reading.catch(() => {
      this.#kept.delete(key);
      this.#room += bytes;
    });
    return reading;
  }
}
