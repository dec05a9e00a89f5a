import * as v from 'valibot';
import { EaselError, said } from '../../core/errors';
import { buildNameClassifier, type NameClassifierConfig } from '../graph/name-classifier';
import type { BuiltGraph } from '../graph/types';
import type { Network } from '../layouts/network';
import type { ChosenDevice } from '../runtime/device';
import { createSession, type Session } from '../runtime/session';
import { type BoundWeights, bindWeights } from '../weights/bind';
import { readJson } from '../weights/json-file';
import type { ModelFiles } from '../weights/model-files';
import { openStateDict, renamed, type StateDict } from '../weights/state-dict';

/** What guides a model toward names: a noise-aware tower over its latents, and the names that it tells apart. */
export interface NameClassifier extends Network<NameClassifierConfig> {
  names: readonly string[];
}

const FOLDER = 'guidance';
const NAMES = `${FOLDER}/names.json`;

/**
 * The classifier in a model's `guidance/` folder: `tower.safetensors` (what models/train/text.py saves, with
 * `features`, a unit vector for each name) and `names.json`, a list of them in that order. Only the header and the
 * names are read.
 * @returns undefined where the model brings none.
 * @throws EaselError `corrupt` naming the file or tensor.
 */
export async function openNameClassifier(files: ModelFiles): Promise<NameClassifier | undefined> {
  if (!files.list().includes(NAMES)) return undefined;
  // The text's projection is in the names' features already.
  const weights = renamed(await openStateDict(files, FOLDER), (key) => (key === 'projection.weight' ? undefined : key));
  const config = configOf(weights);
  const names = await readJson(files, NAMES);
  if (!v.is(v.array(v.string()), names)) throw new EaselError('corrupt', said`${NAMES} is not a list of names.`);
  if (names.length !== config.names)
    throw new EaselError(
      'corrupt',
      said`${NAMES} lists ${names.length} names, but "features" has ${config.names} rows.`,
    );
  return { name: FOLDER, config, weights, names };
}

function configOf({ entries }: StateDict): NameClassifierConfig {
  const shape = (key: string) => {
    const found = entries.get(key)?.shape;
    if (!found || found.length < 2) throw new EaselError('corrupt', said`${FOLDER}: the tower lacks "${key}".`);
    return found;
  };
  const widths: number[] = [];
  while (entries.has(`tower.blocks.${2 * widths.length}.one.weight`))
    widths.push(shape(`tower.blocks.${2 * widths.length}.one.weight`)[0]);
  const [names, width] = shape('features');
  const [timeWidth, timeFeatures] = shape('tower.time.0.weight');
  return { latentChannels: shape('tower.start.weight')[1], widths, timeFeatures, timeWidth, width, names };
}

export interface RunningClassifier {
  /**
   * The gradient of log p(names | z_t) with respect to z_t, averaged over the names.
   * @param z in the UNet's coordinates (variance preserving), [channels, height, width].
   * @param wanted places in `info.classifierNames`, at least one.
   */
  gradient(
    z: Float32Array,
    height: number,
    width: number,
    timestep: number,
    wanted: readonly number[],
  ): Promise<Float32Array>;
  release(): Promise<void>;
}

/** A classifier whose weights have their places; its session waits until somebody asks for a gradient. */
export function bindNameClassifier(
  { config, weights, names }: NameClassifier,
  device: ChosenDevice,
): RunningClassifier {
  const graph: BuiltGraph = buildNameClassifier(config);
  const bound: BoundWeights = bindWeights([graph], weights, FOLDER);
  let session: Promise<Session> | undefined;
  return {
    async gradient(z, height, width, timestep, wanted) {
      session ??= createSession(graph, bound, device);
      const shares = new Float32Array(names.length);
      for (const name of wanted) shares[name] = 1 / wanted.length;
      const { gradient } = await (await session).run({
        z: { data: z, dims: [1, config.latentChannels, height, width] },
        timestep: { data: Float32Array.of(timestep), dims: [1] },
        wanted: { data: shares, dims: [1, names.length] },
      });
      return gradient;
    },
    async release() {
      await (await session)?.release();
      session = undefined;
    },
  };
}
