import { EaselError } from '../../core/errors';

/** The contents of a config.json, of unknown origin. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * Reads fields of one config.json, checked once: what a builder does not know is `unsupported`, what makes no sense is
 * `corrupt`, both by file and field. Absent options take the libraries' own defaults.
 */
export class ConfigReader {
  constructor(
    readonly file: string,
    readonly json: Json,
  ) {}

  corrupt(name: string, what: string): EaselError {
    return new EaselError('corrupt', `${this.file}: ${name} ${what}.`);
  }
  unsupported(name: string, value: unknown): EaselError {
    return new EaselError('unsupported', `${this.file}: ${name} = ${JSON.stringify(value)} is not supported yet.`);
  }
  /** A whole number of at least 1 (and not absurdly many, so that no file makes us build forever). */
  count(name: string, fallback?: number, most = 65_536): number {
    return this.#count(name, this.json[name] ?? fallback, most);
  }
  #count(name: string, value: unknown, most = 65_536): number {
    if (value === undefined) throw this.corrupt(name, 'is missing');
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most) {
      throw this.corrupt(name, `must be a whole number from 1 to ${most}, not ${JSON.stringify(value)}`);
    }
    return value;
  }
  number(name: string, fallback: number): number {
    const value = this.json[name] ?? fallback;
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw this.corrupt(name, `must be a number, not ${JSON.stringify(value)}`);
    return value;
  }
  flag(name: string, fallback: boolean): boolean {
    const value = this.json[name] ?? fallback;
    if (typeof value !== 'boolean') throw this.corrupt(name, `must be true or false, not ${JSON.stringify(value)}`);
    return value;
  }
  counts(name: string, fallback?: readonly number[], most = 65_536): number[] {
    const value = this.json[name] ?? fallback;
    if (!Array.isArray(value) || value.length < 1 || value.length > 8)
      throw this.corrupt(name, 'must be a list of 1 to 8 numbers');
    return value.map((item) => this.#count(name, item, most));
  }
  /** One number for all levels, or a list with one for each. */
  perLevel(name: string, levels: number, fallback?: number): number[] {
    const value = this.json[name] ?? fallback;
    if (!Array.isArray(value)) return new Array<number>(levels).fill(this.#count(name, value, 256));
    if (value.length !== levels) throw this.corrupt(name, `must have ${levels} entries`);
    return value.map((item) => this.#count(name, item, 256));
  }
  /** One number for all levels, or for each level one number or a list with one for each of its layers. */
  perLayer(name: string, layers: readonly number[], fallback?: number): number[][] {
    const value = this.json[name] ?? fallback;
    const each = Array.isArray(value) ? value : layers.map(() => value);
    if (each.length !== layers.length) throw this.corrupt(name, `must have ${layers.length} entries`);
    return layers.map((count, level) => {
      const inside: unknown = each[level];
      if (!Array.isArray(inside)) return new Array<number>(count).fill(this.#depth(name, inside));
      if (inside.length !== count) throw this.corrupt(name, `must have ${count} entries for level ${level}`);
      return inside.map((item) => this.#depth(name, item));
    });
  }
  /** A level without attention may state a depth of 0. */
  #depth(name: string, value: unknown): number {
    return value === 0 ? 0 : this.#count(name, value, 256);
  }
  names(name: string, levels: number): string[] {
    const value = this.json[name];
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
      throw this.corrupt(name, 'must be a list of names');
    if (value.length !== levels) throw this.corrupt(name, `must have ${levels} entries, as block_out_channels`);
    return value;
  }
  /** Refuses an option set to anything but what the builder does. */
  only(name: string, ...known: readonly unknown[]): void {
    const value = this.json[name];
    if (value !== undefined && value !== null && !known.includes(value)) throw this.unsupported(name, value);
  }
}
