import { EaselError, said } from '../../core/errors';
import type { CompactConfig, RrdbConfig, UpscalerConfig } from '../graph/upscaler-config';
import type { StateDict, WeightsFile } from '../weights/state-dict';
import { withUpscalerNames } from '../weights/upscaler-names';
import type { Network } from './network';

/** Keys of ESRGAN's dense blocks in any of its three styles, and of the compact network's list of layers. */
export const RRDB_KEY = /^(?:params(?:_ema)?\.)?(?:(?:model\.)?\d+\.sub\.\d+\.RDB\d|body\.\d+\.rdb\d\.|RRDB_trunk\.)/;
export const COMPACT_KEY = /^(?:params(?:_ema)?\.)?body\.\d+\.(?:weight|bias)$/;

/** Far more than any has: a file that says more is wrong. */
const MOST_BLOCKS = 200;
const RGB = 3;

/**
 * An upscaler by its file's header: ESRGAN's (RRDBNet) or Real-ESRGAN's compact one. Its configuration comes from its
 * shapes.
 * @throws EaselError `unsupported` for one of another kind, `corrupt` naming a key that is missing or of no sensible
 * shape
 */
export function readUpscaler({ dict, path }: WeightsFile): Network<UpscalerConfig> {
  const weights = withUpscalerNames(dict);
  const isRrdb = [...dict.entries.keys()].some((key) => RRDB_KEY.test(key));
  return { name: path, config: isRrdb ? inferRrdb(weights, path) : inferCompact(weights, path), weights };
}

function inferRrdb(dict: StateDict, path: string): RrdbConfig {
  const [features, taken] = shapeOf(dict, path, 'conv_first.weight');
  const unshuffle = Math.sqrt(taken / RGB);
  const [given] = shapeOf(dict, path, 'conv_last.weight');
  if (given !== RGB || ![1, 2, 4].includes(unshuffle))
    throw new EaselError(
      'unsupported',
      said`${path} makes ${given} channels of ${taken}; Easel enlarges with upscalers of colour pictures (3 of 3, 12 or 48).`,
    );
  const [growth] = shapeOf(dict, path, 'body.0.rdb1.conv1.weight');
  const blocks = countOf(dict, path, (i) => `body.${i}.rdb1.conv1.weight`, 0);
  const doublings = countOf(dict, path, (i) => `conv_up${i}.weight`, 1);
  return { kind: 'rrdb', features, growth, blocks, unshuffle, doublings };
}

function inferCompact(dict: StateDict, path: string): CompactConfig {
  const [features, taken] = shapeOf(dict, path, 'body.0.weight');
  const last = countOf(dict, path, (i) => `body.${2 * i}.weight`, 0) - 1;
  const [given] = shapeOf(dict, path, `body.${2 * last}.weight`);
  const scale = Math.sqrt(given / RGB);
  if (taken !== RGB || !Number.isInteger(scale) || last < 1)
    throw new EaselError(
      'unsupported',
      said`${path} is not an upscaler of colour pictures: it makes ${given} channels of ${taken}.`,
    );
  if (!dict.entries.has('body.1.weight'))
    throw new EaselError('unsupported', said`${path} has other activations than PReLU, which Easel cannot use yet.`);
  return { kind: 'compact', features, convolutions: last - 1, scale };
}

function shapeOf(dict: StateDict, path: string, key: string): readonly number[] {
  const shape = dict.entries.get(key)?.shape;
  if (shape?.length !== 4 || shape.some((side) => side < 1 || side > 4096))
    throw new EaselError(
      'corrupt',
      said`${path}: "${key}" is missing or has no sensible shape. Download the file again.`,
    );
  return shape;
}

/** How many of a list's keys there are, one after the other. */
function countOf(dict: StateDict, path: string, key: (i: number) => string, first: number): number {
  let count = 0;
  while (dict.entries.has(key(first + count))) count++;
  if (count > MOST_BLOCKS)
    throw new EaselError('corrupt', said`${path} has over ${MOST_BLOCKS} blocks, which no upscaler has.`);
  return count;
}
