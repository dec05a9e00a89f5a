import * as v from 'valibot';
import { asMessage, said } from '../../core/errors';
import { faultyField } from '../read-fields';

// What the fields of a config.json are made of. As in the libraries, null stands for a field's default.

/** A whole number of at least 1, and not absurdly many, so that no file makes us build for ever. */
export const count = (most = 65_536) =>
  v.message(
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most)),
    asMessage(said`must be a whole number from 1 to ${most}`),
  );

/** One number for each of a network's levels. */
export const counts = (most?: number) => {
  const words = asMessage(said`must be a list of 1 to 8 whole numbers`);
  return v.pipe(v.array(count(most), words), v.minLength(1, words), v.maxLength(8, words));
};

/** One number for all levels, or a list with one for each. */
export const perLevel = () =>
  v.union([count(256), v.array(count(256))], asMessage(said`must be a whole number or a list of them`));

/** One depth for all levels, or for each level one or a list with one for each of its layers. */
export const perLayer = () => {
  const depth = v.union([v.literal(0), count(256)]); // a level without attention may state 0
  return v.union(
    [depth, v.array(v.union([depth, v.array(depth)]))],
    asMessage(said`must be a whole number, a list of them or a list of lists`),
  );
};

export const finite = () => v.message(v.pipe(v.number(), v.finite()), asMessage(said`must be a number`));

/** An option that the builder knows only so. */
export const only = <const T extends string | number | boolean>(...known: readonly T[]) =>
  v.nullish(v.picklist(known as readonly (T & (string | number))[])); // `picklist` takes booleans, its type does not

/** @throws EaselError `corrupt` where a list has not one entry for each level */
export function checkLevels(file: string, name: string, list: readonly unknown[], levels: number): void {
  if (list.length !== levels)
    throw faultyField(file, name, said`must have ${levels} entries, one for each level, not ${list.length}`);
}
