import * as v from 'valibot';
import { EaselError } from '../../core/errors';
import { type ModelDefaults, parseRequest } from '../../core/request';

/** manifest.json of a bundled or hosted model: what it is, how it likes to be used, and its files with their hashes. */
const Rgb = v.tuple([v.number(), v.number(), v.number()]);
const ManifestSchema = v.object({
  v: v.literal(1),
  name: v.string(),
  summary: v.optional(v.string()),
  defaults: v.optional(v.record(v.string(), v.union([v.string(), v.number()])), {}),
  /** One row per latent channel, then the bias: RGB in -1..1 from the latents the UNet sees. */
  previewFactors: v.optional(v.array(Rgb)),
  examples: v.optional(v.array(v.string())),
  words: v.optional(v.array(v.string())),
  files: v.array(
    v.object({
      path: v.pipe(v.string(), v.regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/, 'must be a plain relative path')),
      size: v.pipe(v.number(), v.integer(), v.minValue(0)),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')),
    }),
  ),
});

export interface Manifest extends Omit<v.InferOutput<typeof ManifestSchema>, 'defaults'> {
  defaults: ModelDefaults;
}

/**
 * Checks a parsed manifest.json.
 * @throws EaselError `corrupt` naming the first field that is wrong.
 */
export function parseManifest(json: unknown): Manifest {
  const result = v.safeParse(ManifestSchema, json);
  if (!result.success) {
    const issue = result.issues[0];
    throw new EaselError('corrupt', `manifest.json: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`);
  }
  const { defaults, ...manifest } = result.output;
  // parseRequest knows the ranges; only the fields that the manifest sets are taken from its answer.
  const checked = parseRequest(defaults);
  const set = Object.keys(defaults).map((key) => [key, checked[key as keyof typeof checked]]);
  return { ...manifest, defaults: Object.fromEntries(set) as ModelDefaults };
}
