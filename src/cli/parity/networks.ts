import { buildAutoencoder } from '../../model/graph/autoencoder';
import type { AutoencoderConfig } from '../../model/graph/autoencoder-config';
import { buildClipText } from '../../model/graph/clip-text';
import type { ClipTextConfig } from '../../model/graph/config';
import { buildDenoiser, type DenoiserConfig } from '../../model/graph/denoiser';
import type { Dialect } from '../../model/graph/types';
import type { Network } from '../../model/layouts/network';
import { decodeWith, encodeWith } from '../../model/runtime/autoencoder';
import { predictWith } from '../../model/runtime/denoiser';
import type { ChosenDevice } from '../../model/runtime/device';
import { createSession, type Session } from '../../model/runtime/session';
import { type EncodeText, encodeTextWith } from '../../model/runtime/text-encoder';
import { bindWeights } from '../../model/weights/bind';
import { readJson } from '../../model/weights/json-file';
import type { ModelFiles } from '../../model/weights/model-files';
import { type Comparison, type Expected, relativeError } from './expected';

/** The case of an autoencoder that stands alone. */
export const AUTOENCODER = 'autoencoder';

export interface Surroundings {
  files: ModelFiles;
  /** Folder of the expected.safetensors, with a slash at its end, or empty. */
  at: string;
  expected: Expected;
  device: ChosenDevice;
  /** Allowed relative error of a network. */
  tolerance: number;
}

export function dialectOf({ device }: Surroundings): Dialect {
  return { operators: device.report.provider === 'webgpu' ? 'webgpu' : 'plain', precision: 'float32' };
}

/** Runs `use` with a session and releases it. */
export async function using<T>(session: Promise<Session>, use: (session: Session) => Promise<T>): Promise<T> {
  const opened = await session;
  try {
    return await use(opened);
  } finally {
    await opened.release();
  }
}

/**
 * Whose inputs a case takes: its own, but adapted networks are run again on another's. Empty where they have no name.
 */
type InputsOf = (name: string) => string;

const inputPrefix = (name: string) => (name === '' ? '' : `${name}.`);

/** Compares a UNet's cases, `unet.N` or `unet9.N`. */
export async function compareUnet(
  place: Surroundings,
  { name, config, weights: dict }: Network<DenoiserConfig>,
  cases: readonly string[],
  inputsOf: InputsOf = (name) => name,
): Promise<Comparison[]> {
  const graph = buildDenoiser(config, dialectOf(place));
  const weights = bindWeights([graph], dict, name);
  return using(createSession(graph, weights, place.device), (session) =>
    checkUnet(place, predictWith(session, config), cases, inputsOf),
  );
}

/** The guidance scale of a reference whose UNet takes it as an input: that of its run. */
async function guidanceScale({ files, at }: Surroundings): Promise<number> {
  const cases = Object.values((await readJson(files, `${at}cases.json`)) as object) as { guidance_scale: number }[];
  return cases[0].guidance_scale;
}

/** The same for any UNet that can be called. */
export async function checkUnet(
  place: Surroundings,
  predict: ReturnType<typeof predictWith>,
  cases: readonly string[],
  inputsOf: InputsOf = (name) => name,
): Promise<Comparison[]> {
  const { expected, tolerance } = place;
  const results: Comparison[] = [];
  for (const name of cases) {
    const inputs = inputPrefix(inputsOf(name));
    const [batch, , height, width] = expected.shape(`${inputs}sample`);
    const [timestep] = await expected.floats(inputs + (expected.has(`${inputs}sigma`) ? 'sigma' : 'timestep'));
    const sample = await expected.floats(`${inputs}sample`);
    const states = `${inputs}encoder_hidden_states`;
    const context = expected.has(states) ? await expected.floats(states) : new Float32Array(0);
    const tokens = expected.has(states) ? expected.shape(states)[1] : 0;
    const labels = expected.has(`${inputs}class_labels`) ? await expected.ints(`${inputs}class_labels`) : undefined;
    const optional = async (input: string) =>
      expected.has(`${inputs}${input}`) ? expected.floats(`${inputs}${input}`) : undefined;
    const [textEmbeds, timeIds] = [await optional('text_embeds'), await optional('time_ids')];
    const guidance = expected.has(`${inputs}timestep_cond`) ? await guidanceScale(place) : undefined;
    const given = { sample, batch, height, width, timestep, context, tokens, labels, textEmbeds, timeIds, guidance };
    const out = await predict(given);
    results.push(compared(`${name}.out`, out, await expected.floats(`${name}.out`), tolerance));
  }
  return results;
}

/** Compares a text tower's cases, `text.N`. */
export async function compareText(
  place: Surroundings,
  { name, config, weights: dict }: Network<ClipTextConfig>,
  cases: readonly string[],
  inputsOf: InputsOf = (name) => name,
): Promise<Comparison[]> {
  const graph = buildClipText(config, dialectOf(place));
  const weights = bindWeights([graph], dict, name);
  return using(createSession(graph, weights, place.device), (session) =>
    checkText(place, encodeTextWith(session, config), cases, inputsOf),
  );
}

/** The same for any text tower that can be called. */
export async function checkText(
  { expected, tolerance }: Surroundings,
  encode: EncodeText,
  cases: readonly string[],
  inputsOf: InputsOf = (name) => name,
): Promise<Comparison[]> {
  const results: Comparison[] = [];
  for (const name of cases) {
    const ids = await expected.ints(`${inputsOf(name)}.input_ids`);
    const { hidden, pooled } = await encode(ids, 1);
    const { raw: penultimate } = await encode(ids, 2);
    const outputs = { last_hidden_state: hidden, penultimate, pooled, text_embeds: pooled };
    for (const [output, values] of Object.entries(outputs)) {
      const full = `${name}.${output}`;
      if (expected.has(full)) results.push(compared(full, values, await expected.floats(full), tolerance));
    }
  }
  return results;
}

/**
 * Compares an autoencoder's cases, `vae.N`, or the only one where its outputs bear no name before theirs
 * (`AUTOENCODER`).
 */
export async function compareAutoencoder(
  place: Surroundings,
  { name, config, weights: dict }: Network<AutoencoderConfig>,
  cases: readonly string[],
): Promise<Comparison[]> {
  const { decoder, encoder } = buildAutoencoder(config, dialectOf(place));
  const weights = bindWeights([decoder, encoder], dict, name);
  const encoded = await using(createSession(encoder, weights, place.device), (session) =>
    checkEncoder(place, encodeWith(session), cases),
  );
  const decoded = await using(createSession(decoder, weights, place.device), (session) =>
    checkDecoder(place, decodeWith(session), cases),
  );
  return [...encoded, ...decoded];
}

const prefixOf = (name: string) => (name === AUTOENCODER ? '' : `${name}.`);

/** The same for any encoder that can be called. */
export async function checkEncoder(
  { expected, tolerance }: Surroundings,
  encode: ReturnType<typeof encodeWith>,
  cases: readonly string[],
): Promise<Comparison[]> {
  const results: Comparison[] = [];
  for (const prefix of cases.map(prefixOf)) {
    const [, , height, width] = expected.shape(`${prefix}image`);
    const { mean, logvar } = await encode(await expected.floats(`${prefix}image`), height, width);
    for (const [output, values] of Object.entries({ mean, logvar, latents: mean })) {
      const full = prefix + output;
      if (expected.has(full)) results.push(compared(full, values, await expected.floats(full), tolerance));
    }
  }
  return results;
}

/** The same for any decoder that can be called. */
export async function checkDecoder(
  { expected, tolerance }: Surroundings,
  decode: ReturnType<typeof decodeWith>,
  cases: readonly string[],
): Promise<Comparison[]> {
  const results: Comparison[] = [];
  for (const prefix of cases.map(prefixOf)) {
    const [, , height, width] = expected.shape(`${prefix}z`);
    const decoded = await decode(await expected.floats(`${prefix}z`), height, width);
    results.push(compared(`${prefix}decoded`, decoded, await expected.floats(`${prefix}decoded`), tolerance));
  }
  return results;
}

function compared(name: string, actual: ArrayLike<number>, expected: Float32Array, tolerance: number): Comparison {
  return { name, kind: 'compared', error: relativeError(actual, expected), tolerance };
}
