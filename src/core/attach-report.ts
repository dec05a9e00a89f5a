import { listed, type Said, type SaidValue, said } from './errors';

/** What became of a file that was attached to a model. */
export interface AttachReport {
  /** What prompts and lists call it. */
  name: string;
  /** How many of its modules, vectors or tensors act on the model. */
  used: number;
  /** Those that cannot, by name, with the reason where it is not that the model has no place of this name. */
  unmatched: readonly SaidValue[];
}

/** How many are named, for modules have long names; the others are counted. */
const NAMED = 2;

/** One sentence about what of a file does nothing; undefined where all of it acts. */
export function attachNote({ name, used, unmatched }: AttachReport): Said | undefined {
  const count = unmatched.length;
  if (count === 0) return undefined;
  const first = listed(unmatched.slice(0, NAMED), ', ');
  const named = count > NAMED ? said`${first} and ${count - NAMED} more` : first;
  if (used === 0) return said`${name} changes nothing: this model has no place for ${named}.`;
  return count === 1
    ? said`${name}: 1 of its ${used + 1} parts is ignored: ${named}.`
    : said`${name}: ${count} of its ${used + count} parts are ignored: ${named}.`;
}
