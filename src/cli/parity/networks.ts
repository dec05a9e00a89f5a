import { buildClipText } from '../../model/graph/clip-text';
import { parseClipTextConfig, parseUnetConfig, parseVaeConfig } from '../../model/graph/config';
import type { Dialect } from '../../model/graph/types';
import { buildUnet } from '../../model/graph/unet';
import { buildVaeDecoder, buildVaeEncoder } from '../../model/graph/vae';
import { decodeWith, encodeWith } from '../../model/runtime/autoencoder';
import { predictWith } from '../../model/runtime/denoiser';
import type { ChosenDevice } from '../../model/runtime/device';
import { createSession, type Session } from '../../model/runtime/session';
import { encodeTextWith } from '../../model/runtime/text-encoder';
import type { ModelFiles } from '../../model/types';
import { bindWeights } from '../../model/weights/bind';
import { autoencoderName, textTowerName } from '../../model/weights/names';
import { openStateDict, renamed } from '../../model/weights/state-dict';
import { type Comparison, type Expected, relativeError } from './expected';

export interface Surroundings {
  files: ModelFiles;
  /** Folder of the expected.safetensors, with a slash at its end, or empty. */
  at: string;
  expected: Expected;
  device: ChosenDevice;
  /** Allowed relative error of a network. */
  tolerance: number;
}

const json = async (files: ModelFiles, path: string) =>
  JSON.parse(new TextDecoder().decode(await files.read(path))) as Record<string, unknown>;

function dialectOf({ device }: Surroundings): Dialect {
  return { operators: device.report.provider === 'webgpu' ? 'webgpu' : 'plain', precision: 'float32' };
}

/** Runs `use` with a session and releases it. */
async function using<T>(session: Promise<Session>, use: (session: Session) => Promise<T>): Promise<T> {
  const opened = await session;
  try {
    return await use(opened);
  } finally {
    await opened.release();
  }
}

/** Compares a UNet's cases, `unet.N` or `unet9.N`, run by the network in `folder`. */
export async function compareUnet(
  place: Surroundings,
  folder: string,
  cases: readonly string[],
): Promise<Comparison[]> {
  const { files, expected, device, tolerance } = place;
  const graph = buildUnet(parseUnetConfig(await json(files, `${folder}/config.json`)), dialectOf(place));
  const weights = bindWeights([graph], await openStateDict(files, folder), folder);
  return using(createSession(graph, weights, device), async (session) => {
    const predict = predictWith(session);
    const results: Comparison[] = [];
    for (const name of cases) {
      const [batch, , height, width] = expected.shape(`${name}.sample`);
      const [timestep] = await expected.floats(`${name}.timestep`);
      const sample = await expected.floats(`${name}.sample`);
      const context = await expected.floats(`${name}.encoder_hidden_states`);
      const tokens = expected.shape(`${name}.encoder_hidden_states`)[1];
      const out = await predict({ sample, batch, height, width, timestep, context, tokens });
      results.push(compared(`${name}.out`, out, await expected.floats(`${name}.out`), tolerance));
    }
    return results;
  });
}

/** Compares a text tower's cases, `text.N`. */
export async function compareText(
  place: Surroundings,
  folder: string,
  cases: readonly string[],
): Promise<Comparison[]> {
  const { files, expected, device, tolerance } = place;
  const config = parseClipTextConfig(await json(files, `${folder}/config.json`));
  const graph = buildClipText(config, dialectOf(place));
  const weights = bindWeights([graph], renamed(await openStateDict(files, folder), textTowerName), folder);
  return using(createSession(graph, weights, device), async (session) => {
    const results: Comparison[] = [];
    for (const name of cases) {
      const { hidden, penultimate, pooled } = await encodeTextWith(
        session,
        config,
      )(await expected.ints(`${name}.input_ids`));
      const outputs = { last_hidden_state: hidden, penultimate, pooled, text_embeds: pooled };
      for (const [output, values] of Object.entries(outputs)) {
        const full = `${name}.${output}`;
        if (expected.has(full)) results.push(compared(full, values, await expected.floats(full), tolerance));
      }
    }
    return results;
  });
}

/** Compares an autoencoder's cases, `vae.N`. */
export async function compareVae(place: Surroundings, folder: string, cases: readonly string[]): Promise<Comparison[]> {
  const { files, expected, device, tolerance } = place;
  const config = parseVaeConfig(await json(files, `${folder}/config.json`));
  const [decoder, encoder] = [buildVaeDecoder(config, dialectOf(place)), buildVaeEncoder(config, dialectOf(place))];
  const weights = bindWeights([decoder, encoder], renamed(await openStateDict(files, folder), autoencoderName), folder);
  const results: Comparison[] = [];
  await using(createSession(encoder, weights, device), async (session) => {
    for (const name of cases) {
      const [, , height, width] = expected.shape(`${name}.image`);
      const posterior = await encodeWith(session)(await expected.floats(`${name}.image`), height, width);
      for (const output of ['mean', 'logvar'] as const) {
        results.push(
          compared(`${name}.${output}`, posterior[output], await expected.floats(`${name}.${output}`), tolerance),
        );
      }
    }
  });
  await using(createSession(decoder, weights, device), async (session) => {
    for (const name of cases) {
      const [, , height, width] = expected.shape(`${name}.z`);
      const decoded = await decodeWith(session)(await expected.floats(`${name}.z`), height, width);
      results.push(compared(`${name}.decoded`, decoded, await expected.floats(`${name}.decoded`), tolerance));
    }
  });
  return results;
}

function compared(name: string, actual: ArrayLike<number>, expected: Float32Array, tolerance: number): Comparison {
  return { name, kind: 'compared', error: relativeError(actual, expected), tolerance };
}
