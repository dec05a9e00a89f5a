/** What became of a file that was attached to a model. */
export interface AttachReport {
  /** What prompts and lists call it. */
  name: string;
  /** How many of its modules, vectors or tensors act on the model. */
  used: number;
  /** Those that cannot, by name, with the reason where it is not that the model has no place of this name. */
  unmatched: readonly string[];
}

/** How many are named; the rest is counted. */
const NAMED = 3;

/** One sentence about what of a file does nothing; undefined where all of it acts. */
export function attachNote({ name, used, unmatched }: AttachReport): string | undefined {
  if (unmatched.length === 0) return undefined;
  const named = unmatched.slice(0, NAMED).join(', ');
  const more = unmatched.length > NAMED ? ` and ${unmatched.length - NAMED} more` : '';
  const of = used + unmatched.length;
  if (used === 0) return `${name} changes nothing: none of its ${of} parts fits this model (${named}${more}).`;
  return `${unmatched.length} of the ${of} parts of ${name} do nothing in this model: ${named}${more}.`;
}
