import * as v from 'valibot';

/** What a result is found by; its settings and its pixels stay on the disk. */
export interface ResultFacts {
  id: string;
  /** The day that it was painted on, where the person is, as `2026-11-30`. */
  day: string;
  model: string;
  /** By its id. */
  sampler: string;
  /** As `512 × 768`. */
  size: string;
  favourite: boolean;
  /** Prompts, settings and the model's name, in lower case. */
  text: string;
}

/**
 * Of a record, only what is needed here: all results are read for it, and whether one can be shown is found when it is.
 */
const RecordSchema = v.object({
  id: v.string(),
  paintedAt: v.pipe(v.number(), v.finite()),
  model: v.string(),
  width: v.number(),
  height: v.number(),
  favourite: v.optional(v.boolean()),
  parameters: v.string(),
  request: v.object({ sampler: v.fallback(v.string(), '') }),
});

/** What a stored record says of its result; undefined where it cannot be read. */
export function factsOf(value: unknown): ResultFacts | undefined {
  const read = v.safeParse(RecordSchema, value);
  if (!read.success) return undefined;
  const { id, paintedAt, model, width, height, favourite, parameters, request } = read.output;
  return {
    id,
    day: dayOf(new Date(paintedAt)),
    model,
    sampler: request.sampler,
    size: `${width} × ${height}`,
    favourite: favourite === true,
    text: `${parameters}\n${model}`.toLowerCase(),
  };
}

/** A date where the person is, as `2026-11-30`. */
export function dayOf(date: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
