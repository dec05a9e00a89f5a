import { EaselError } from '../../core/errors';
/** The contents of a config.json, of unknown origin. */
export type Json = Readonly<Record<string, unknown>>;
/**
 * Reads fields of one config.json, checked once: what a builder does not know is `unsupported`, what makes no sense is
 * `corrupt`, both by file and field. Absent options take the libraries' own defaults.
 */
export declare class ConfigReader {
    #private;
    readonly file: string;
    readonly json: Json;
    constructor(file: string, json: Json);
    corrupt(name: string, what: string): EaselError;
    unsupported(name: string, value: unknown): EaselError;
    /** A whole number of at least 1 (and not absurdly many, so that no file makes us build forever). */
    count(name: string, fallback?: number, most?: number): number;
    number(name: string, fallback: number): number;
    flag(name: string, fallback: boolean): boolean;
    counts(name: string, fallback?: readonly number[], most?: number): number[];
    /** One number for all levels, or a list with one for each. */
    perLevel(name: string, levels: number, fallback?: number): number[];
    names(name: string, levels: number): string[];
    /** Refuses an option set to anything but what the builder does. */
    only(name: string, ...known: readonly unknown[]): void;
}
