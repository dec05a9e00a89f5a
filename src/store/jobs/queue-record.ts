import * as v from 'valibot';
import { RECIPE_IDS } from '../../core/request/recipe';
import { parseRequest } from '../../core/request/request';
import type { Grid } from '../../jobs/grid';
import { OriginSchema } from '../gallery/result-record';
import { sinks } from './sinks';

const Whole = v.pipe(v.number(), v.integer());
const Count = v.pipe(Whole, v.minValue(1));

const JobSchema = v.object({
  id: v.string(),
  model: v.optional(v.string()),
  vae: v.optional(v.nullable(v.string())),
  recipe: v.picklist(RECIPE_IDS),
  request: v.pipe(v.unknown(), v.transform(parseRequest)),
  inputs: v.array(v.object({ kind: v.picklist(['picture', 'mask']), hash: v.string() })),
  sink: v.pipe(
    v.string(),
    v.check((sink) => sinks.has(sink)),
  ),
  place: v.optional(v.object({ x: Whole, y: Whole, width: Count, height: Count })),
  origin: v.optional(OriginSchema),
  parent: v.optional(v.string()),
  mix: v.optional(
    v.object({
      seed: v.optional(v.number()),
      variationSeed: v.optional(v.number()),
      variationStrength: v.optional(v.number()),
      prompt: v.optional(v.string()),
      negativePrompt: v.optional(v.string()),
      share: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
    }),
  ),
  plot: v.optional(
    v.object({
      axes: v.array(
        v.object({
          name: v.string(),
          text: v.string(),
          values: v.array(v.string()),
          fixed: v.optional(v.array(v.number())),
        }),
      ),
    }),
  ),
  cell: v.optional(v.object({ at: v.pipe(Whole, v.minValue(0)), plot: v.optional(v.string()) })),
  enlargement: v.optional(
    v.object({
      upscaler: v.string(),
      factor: v.pipe(v.number(), v.gtValue(0)),
      parameters: v.string(),
    }),
  ),
});

/** A queue as it lies on the disk; the bytes of its inputs lie beside it, by hash. */
const QueueSchema = v.object({
  v: v.literal(1),
  grids: v.array(v.object({ parent: JobSchema, children: v.pipe(v.array(JobSchema), v.minLength(1)), of: Count })),
});

/** What is left of a queue, as it is stored. */
export function writeQueueRecord(grids: readonly Grid[]): unknown {
  return { v: 1, grids };
}

/** Lifts a stored queue to the newest version; undefined for what cannot be read, such as one from a newer Easel. */
export function readQueueRecord(value: unknown): readonly Grid[] | undefined {
  try {
    const read = v.safeParse(QueueSchema, value);
    return read.success ? read.output.grids : undefined;
  } catch {
    return undefined; // parseRequest throws what is wrong with a request
  }
}
