import * as v from 'valibot';
import { EaselError, said } from '../../core/errors';
import { buildNameClassifier, type NameClassifierConfig } from '../graph/name-classifier';
import { readJson } from '../weights/json-file';
import type { ModelFiles } from '../weights/model-files';
import { openStateDict, renamed, type StateDict } from '../weights/state-dict';
import type { Classifier } from './classifier';

const FOLDER = 'guidance';
const NAMES = `${FOLDER}/names.json`;

/**
 * The classifier in a model's `guidance/` folder: `tower.safetensors` (what models/train/text.py saves, with
 * `features`, a unit vector for each name) and `names.json`, a list of them in that order. Only the header and the
 * names are read.
 * @returns undefined where the model brings none.
 * @throws EaselError `corrupt` naming the file or tensor.
 */
export async function openNameClassifier(files: ModelFiles): Promise<Classifier | undefined> {
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
  return {
    name: FOLDER,
    weights,
    names,
    channels: config.latentChannels,
    build: () => buildNameClassifier(config),
    told: (timestep) => ({ timestep: { data: Float32Array.of(timestep), dims: [1] } }),
  };
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
