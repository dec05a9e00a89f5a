import { renamed, type StateDict } from './state-dict';

/** Training keeps the weights and their running mean, which is the better one. */
const PREFIXES = ['params_ema.', 'params.'];

/** ESRGAN's own code before it was BasicSR's. */
const RENAMED: readonly (readonly [RegExp, string])[] = [
  [/^RRDB_trunk\.(\d+)\.RDB(\d)\./, 'body.$1.rdb$2.'],
  [/^trunk_conv\./, 'conv_body.'],
  [/^upconv(\d)\./, 'conv_up$1.'],
  [/^HRconv\./, 'conv_hr.'],
];

/** ESRGAN's first files: a list of layers, `model.0`, `model.1` and so on. */
const LISTED_BLOCK = /^model\.1\.sub\.(\d+)\.RDB(\d)\.(conv\d)\.0\./;
const LISTED = /^model\.(\d+)\./;
const LISTED_BODY = /^model\.1\.sub\.\d+\.(?=weight$|bias$)/;

/**
 * An upscaler's tensors under BasicSR's names (`conv_first`, `body.0.rdb1.conv1`, `conv_up1`; `body.0` of a compact
 * one), whichever of the three styles its file has.
 */
export function withUpscalerNames(dict: StateDict): StateDict {
  const keys = [...dict.entries.keys()];
  const prefix = PREFIXES.find((one) => keys.some((key) => key.startsWith(one))) ?? '';
  const bare = keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  const nameOf = bare.some((key) => LISTED_BLOCK.test(key)) ? listedName(bare) : plainName;
  return renamed(dict, (key) => (key.startsWith(prefix) ? nameOf(key.slice(prefix.length)) : undefined));
}

const plainName = (key: string) => RENAMED.reduce((name, [from, to]) => name.replace(from, to), key);

/** The convolutions behind the list of blocks are, in order, one for each doubling, and the last two. */
function listedName(keys: readonly string[]): (key: string) => string {
  const numbers = keys.map((key) => Number(LISTED.exec(key)?.[1])).filter((index) => index > 1);
  const behind = [...new Set(numbers)].sort((a, b) => a - b);
  const names = new Map(behind.map((index, i) => [index, lastNames(i, behind.length)]));
  return (key) =>
    key
      .replace(LISTED_BLOCK, 'body.$1.rdb$2.$3.')
      .replace(LISTED_BODY, 'conv_body.')
      .replace(/^model\.0\./, 'conv_first.')
      .replace(LISTED, (whole, index) => names.get(Number(index)) ?? whole);
}

function lastNames(i: number, count: number): string {
  if (i === count - 1) return 'conv_last.';
  return i === count - 2 ? 'conv_hr.' : `conv_up${i + 1}.`;
}
