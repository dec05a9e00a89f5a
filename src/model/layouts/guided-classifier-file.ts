import { EaselError, said } from '../../core/errors';
import type { ClassClassifierConfig } from '../graph/class-classifier';
import { guidedDiffusionName, withoutWrapper } from '../weights/guided-diffusion-names';
import { splitHeads } from '../weights/split-heads';
import { type StateDict, type View, viewed, type WeightsFile } from '../weights/state-dict';
import type { Network } from './network';
import { hasWayDown, type Levels, levelsOf } from './plain-unet';

/** Of the heads of every attention in the published classifiers, which the code gives no flag for. */
const HEAD_WIDTH = 64;
const GROUPS = 32;

const POOL = 'out.2.positional_embedding';
/** What other ways to sum up a map begin with: a mean, or a network of its own. */
const OTHER_POOL = /^out\.(?:0|3)\.weight$/;

/** Whether keys are those of one of guided diffusion's classifiers: the way down of a network, and classes after it. */
export function isGuidedClassifier(keys: readonly string[]): boolean {
  const bare = keys.map(withoutWrapper);
  return hasWayDown(keys) && !bare.includes('out.2.weight') && bare.some((key) => key === POOL || OTHER_POOL.test(key));
}

/** A classifier of pictures with noise. */
export interface GuidedClassifier extends Network<ClassClassifierConfig> {
  /** Of its pictures, in pixels. */
  side: number;
}

/**
 * Reads one of guided diffusion's noise-aware classifiers under the key names of its public code (`64x64_classifier.pt`
 * and its like). Only the header is read.
 * @throws EaselError `unsupported` for one that sums up its last maps otherwise, `corrupt` naming a missing key
 */
export function readGuidedClassifier({ path, dict }: WeightsFile): GuidedClassifier {
  const levels = levelsOf(dict, path, layersOnTheWayDown);
  const { shape, has, channels, layers, attends, timeChannels, isResnet, scaleShift } = levels;
  if (!has(POOL) || !isResnet || !scaleShift)
    throw new EaselError(
      'unsupported',
      said`${path} is a classifier of guided diffusion with other flags than the published ones (classifier_pool attention, classifier_resblock_updown, classifier_use_scale_shift_norm).`,
    );
  const [, places] = shape(POOL);
  const lastSide = Math.sqrt(places - 1);
  const [classes] = shape('out.2.c_proj.weight');
  const last = channels[channels.length - 1];
  if (!Number.isInteger(lastSide) || last % HEAD_WIDTH !== 0)
    throw new EaselError('corrupt', said`${path}: "${POOL}" cannot have ${places} places of ${last} channels.`);
  return {
    name: path,
    config: {
      inChannels: shape('input_blocks.0.0.weight')[1],
      channels,
      layers,
      attends,
      headWidth: HEAD_WIDTH,
      groups: GROUPS,
      timeChannels,
      lastSide,
      classes,
    },
    weights: weightsOf(dict, levels),
    side: lastSide * 2 ** (channels.length - 1),
  };
}

/** ResNet blocks a level: the last level ends with as many that attend; a block that halves the size never does. */
function layersOnTheWayDown(keys: readonly string[]): number {
  const numbers = (pattern: RegExp) => new Set(keys.flatMap((key) => pattern.exec(key)?.[1] ?? []).map(Number));
  const attending = numbers(/^input_blocks\.(\d+)\.1\.qkv\.weight$/);
  let layers = 0;
  for (let i = Math.max(...numbers(/^input_blocks\.(\d+)\./)); attending.has(i); i--) layers++;
  return Math.max(1, layers);
}

function weightsOf(dict: StateDict, { layers }: Levels): StateDict {
  const named = viewed(dict, (key, { shape }) => poolViews(withoutWrapper(key), shape));
  return splitHeads(named, (key) => guidedDiffusionName(key, layers), { width: HEAD_WIDTH }, 'by-head');
}

/** At its end all queries stand before all keys. */
function poolViews(key: string, shape: readonly number[]): readonly View[] {
  if (key === POOL) return [{ key: 'pool.places' }];
  const [, part, kind] = /^out\.2\.(qkv_proj|c_proj)\.(weight|bias)$/.exec(key) ?? [];
  if (!part) return [{ key }];
  // Its matrices are stored as kernels of one cell.
  const flat = kind === 'weight' ? { shape: shape.slice(0, 2) } : {};
  if (part === 'c_proj') return [{ key: `pool.to_out.${kind}`, ...flat }];
  return ['to_q', 'to_k', 'to_v'].map((name, i) => ({ key: `pool.${name}.${kind}`, part: [i, 3] as const, ...flat }));
}

/** How strongly the code's authors guide a published model by its classifier. */
const SCALES: Readonly<Record<number, number>> = { 64: 1, 128: 0.5, 256: 1, 512: 4 };
/** The same for the model of 256 pixels that no class is told. */
const SCALE_UNTOLD = 10;

/** @param told whether the model is told the class too */
export function publishedScale({ side }: GuidedClassifier, told: boolean): number {
  return told ? (SCALES[side] ?? 1) : SCALE_UNTOLD;
}
