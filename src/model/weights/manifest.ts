import * as v from 'valibot';
import { asMessage, EaselError, said } from '../../core/errors';
import type { Repertoire } from '../../core/repertoire';
import { MODEL_FIELDS, type ModelDefaults, parseFields } from '../../core/request/request';
import { readFields } from '../read-fields';

const strings = v.array(v.string());

const RepertoireSchema = v.object({
  things: v.array(v.object({ name: v.string(), also: v.optional(strings) })),
  near: v.record(v.string(), strings),
  colours: strings,
  grounds: strings,
  scenes: v.array(v.object({ name: v.string(), phrases: strings })),
  styles: strings,
}) satisfies v.GenericSchema<unknown, Repertoire>;

const PATH = v.pipe(v.string(), v.regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/, asMessage(said`must be a plain relative path`)));

/** A picture file of square tiles, row by row: one for each example, or each thing. */
const SheetSchema = v.object({ path: PATH, side: v.number(), columns: v.number() });

/** manifest.json of a bundled or hosted model: what it is, how it likes to be used, and its files with their hashes. */
const ManifestSchema = v.object({
  v: v.literal(1),
  name: v.string(),
  summary: v.optional(v.string()),
  defaults: v.optional(v.record(v.string(), v.union([v.string(), v.number()])), {}),
  /** A LoRA among the files that lets the model paint in few steps, and the settings that this takes. */
  fast: v.optional(v.objectWithRest({ lora: v.string() }, v.union([v.string(), v.number()]))),
  /** A linear map from the latents that the UNet sees to pixels of -1..1 (`PreviewFactors`). */
  previewFactors: v.optional(v.array(v.array(v.number()))),
  examples: v.optional(strings),
  /** All that it can be asked for, where that is a closed list. */
  paints: v.optional(RepertoireSchema),
  /** What the page shows of it; no part of the model. */
  sheets: v.optional(v.object({ examples: v.optional(SheetSchema), things: v.optional(SheetSchema) })),
  files: v.array(
    v.object({
      path: PATH,
      size: v.message(v.pipe(v.number(), v.integer(), v.minValue(0)), asMessage(said`must be a whole number`)),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, asMessage(said`must be 64 hex digits`))),
    }),
  ),
});

export interface Manifest extends Omit<v.InferOutput<typeof ManifestSchema>, 'defaults' | 'fast'> {
  defaults: ModelDefaults;
  fast?: { lora: string; defaults: ModelDefaults };
}

/**
 * Checks a parsed manifest.json.
 * @throws EaselError `corrupt` naming the first field that is wrong.
 */
export function parseManifest(json: unknown): Manifest {
  const { defaults, fast, ...manifest } = readFields(ManifestSchema, json, 'manifest.json');
  if (!fast) return { ...manifest, defaults: defaultsFrom(defaults) };
  const { lora, ...settings } = fast;
  return { ...manifest, defaults: defaultsFrom(defaults), fast: { lora, defaults: defaultsFrom(settings) } };
}

/**
 * A manifest comes with a stranger's model: it may not fill in the prompt or the seed.
 */
function defaultsFrom(settings: Readonly<Record<string, string | number>>): ModelDefaults {
  const known: readonly string[] = MODEL_FIELDS;
  const stray = Object.keys(settings).find((name) => !known.includes(name));
  if (stray !== undefined)
    throw new EaselError(
      'corrupt',
      said`manifest.json: "${stray}" is not a default of a model; those are ${known.join(', ')}.`,
    );
  return parseFields(settings, MODEL_FIELDS);
}
