import * as v from 'valibot';
import { asMessage, EaselError, type Said, said, saidIn } from '../core/errors';
import { MEMORY_PLANS } from '../core/memory-need';
import { MAX_SEED } from '../core/request/fields';
import type { FileHashes } from '../core/request/file-hashes';
import type { BoundRequest, DevicePreference, LoadRequest, ModelSource, NamedFile, PredictionType } from './protocol';

// What comes over the wire, but for requests, which core's own parser reads.

/**
 * @param sentence what is said of a value that does not fit, where the schema has no sentence of its own
 * @throws EaselError `bad-request`
 */
export function read<T>(schema: v.GenericSchema<unknown, T>, value: unknown, sentence?: Said): T {
  const result = v.safeParse(sentence === undefined ? schema : v.message(schema, asMessage(sentence)), value);
  if (result.success) return result.output;
  throw new EaselError('bad-request', saidIn(result.issues[0].message));
}

export const NamedFileSchema = v.object({ name: v.string(), file: v.instance(Blob) }) satisfies v.GenericSchema<
  unknown,
  NamedFile
>;

const NamedHashesSchema = v.array(v.tuple([v.string(), v.string()]));

export const HashesSchema = v.object({
  model: v.optional(v.string()),
  loras: NamedHashesSchema,
  embeddings: NamedHashesSchema,
  vaes: NamedHashesSchema,
}) satisfies v.GenericSchema<unknown, FileHashes>;

const SourceSchema = v.variant('kind', [
  v.object({ kind: v.literal('url'), base: v.string() }),
  v.object({
    kind: v.literal('folder'),
    name: v.string(),
    files: v.array(v.object({ path: v.string(), file: v.custom<File>((value) => value instanceof Blob) })),
  }),
]) satisfies v.GenericSchema<unknown, ModelSource>;

const oneOf = <const T extends string>(known: readonly T[], what: Said) =>
  v.picklist(known, ({ input }) => asMessage(said`Unknown ${what} ${String(JSON.stringify(input))}.`));

export const DeviceSchema = oneOf<DevicePreference>(['auto', 'webgpu', 'wasm'], said`device`);

const whole = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(max));

/** The picture itself is looked at on its own. */
export const BoundSchema = v.object({
  label: whole(MAX_SEED),
  timesteps: v.pipe(v.array(whole(MAX_SEED)), v.minLength(1)),
  seed: whole(MAX_SEED),
}) satisfies v.GenericSchema<unknown, Omit<BoundRequest, 'picture'>>;

const MemorySchema = v.object({
  short: v.optional(v.pipe(v.number(), v.gtValue(0))),
  plan: v.optional(v.picklist(MEMORY_PLANS)),
});

export const LoadSchema = v.object({
  device: DeviceSchema,
  kernels: v.optional(oneOf(['auto', 'own', 'onnxruntime'], said`kernels`), 'auto'),
  source: v.message(SourceSchema, asMessage(said`The model source is neither an address nor a folder.`)),
  vocabulary: v.string(asMessage(said`The address of the vocabulary is missing.`)),
  prediction: v.optional(oneOf<PredictionType>(['epsilon', 'v_prediction', 'sample'], said`prediction type`)),
  vae: v.optional(v.message(NamedFileSchema, asMessage(said`The VAE is not a file.`))),
  classifier: v.optional(v.message(NamedFileSchema, asMessage(said`The classifier is not a file.`))),
  memory: v.optional(
    v.message(MemorySchema, asMessage(said`What is known of the memory is neither bytes nor a plan.`)),
  ),
}) satisfies v.GenericSchema<unknown, LoadRequest>;

/** A picture or mask; whether it has as many bytes as its size says is not told here. */
export const rasterSchema = <Bytes extends Uint8Array | Uint8ClampedArray>(
  bytes: abstract new (...args: never[]) => Bytes,
) => v.object({ width: v.number(), height: v.number(), data: v.custom<Bytes>((value) => value instanceof bytes) });
