import * as v from 'valibot';
import { ORIGIN_WAYS, type Origin } from '../../core/request/recipe';
import { parseRequest } from '../../core/request/request';

const Milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const Count = v.pipe(v.number(), v.integer(), v.minValue(1));

export const OriginSchema = v.object({
  number: Count,
  way: v.picklist(ORIGIN_WAYS),
  id: v.optional(v.string()),
  detail: v.optional(v.string()),
}) satisfies v.GenericSchema<unknown, Origin>;

const ResultSchema = v.object({
  v: v.literal(1),
  id: v.string(),
  /** Counts every picture ever painted here, from 1; the name of the downloaded file starts with it. */
  number: Count,
  /** Milliseconds since 1970. */
  paintedAt: Milliseconds,
  model: v.string(),
  /** SHA-256 of the PNG, in hex. */
  picture: v.string(),
  width: Count,
  height: Count,
  /** As painted: seed resolved, one picture. */
  request: v.pipe(v.unknown(), v.transform(parseRequest)),
  /** The result that it was made of, by its number; it may be gone. */
  origin: v.optional(OriginSchema),
  /** Whether the person marked it with a star. */
  favourite: v.optional(v.boolean()),
  /** A1111's `parameters` text. */
  parameters: v.string(),
  timings: v.object({ encodeMs: Milliseconds, denoiseMs: Milliseconds, decodeMs: Milliseconds, totalMs: Milliseconds }),
});

/** A painted picture as it lies on the disk; its pixels lie beside it, by hash. */
export type ResultRecord = v.InferOutput<typeof ResultSchema>;

/** Lifts a stored record to the newest version; undefined for what cannot be read, such as one from a newer Easel. */
export function readResultRecord(value: unknown): ResultRecord | undefined {
  try {
    const read = v.safeParse(ResultSchema, value);
    return read.success ? read.output : undefined;
  } catch {
    return undefined; // parseRequest throws what is wrong with a request
  }
}
