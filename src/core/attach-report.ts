/** What became of a file that was attached to a model. */
export interface AttachReport {
  /** What prompts and lists call it. */
  name: string;
  /** How many of its modules, vectors or tensors act on the model. */
  used: number;
  /** Those that cannot, by name, with the reason where it is not that the model has no place of this name. */
  unmatched: readonly string[];
}

/** How many are named, for modules have long names; the others are counted. */
const NAMED = 2;

/** One sentence about what of a file does nothing; undefined where all of it acts. */
export function attachNote({ name, used, unmatched }: AttachReport): string | undefined {
  const count = unmatched.length;
  if (count === 0) return undefined;
  const more = count > NAMED ? ` and ${count - NAMED} more` : '';
  const named = `${unmatched.slice(0, NAMED).join(', ')}${more}`;
  if (used === 0) return `${name} changes nothing: this model has no place for ${named}.`;
  return `${name}: ${count} of its ${used + count} parts ${count === 1 ? 'is' : 'are'} ignored: ${named}.`;
}
