import { EaselError, said } from '../../core/errors';
import type { ChosenDevice, Provider } from '../../model/runtime/device';
import type { ModelFiles } from '../../model/weights/model-files';
import { compareAll } from './compare';
import type { Comparison } from './expected';

/**
 * Allowed relative error of a network in float32. A shader's sums run in another order and its exponentials are
 * rougher.
 */
export const NETWORK_TOLERANCE: Readonly<Record<Provider, number>> = { wasm: 1e-5, webgpu: 5e-5 };

/** What a run tells as it goes: what follows, then one line an output. Plain data: a browser posts it. */
export type ParityEvent = { kind: 'heading'; text: string } | Comparison;

/**
 * Compares every expected.safetensors of a folder, in order. Knows nothing of where it runs: Node and the browser call
 * it alike.
 * @param only a pattern that picks cases by name.
 * @throws EaselError `bad-request` when there is no expected.safetensors, or when `only` is no pattern.
 */
export async function compareTree(
  files: ModelFiles,
  device: ChosenDevice,
  only: string,
  tell: (event: ParityEvent) => void,
): Promise<void> {
  const found = files
    .list()
    .filter((path) => /(^|\/)expected\.safetensors$/.test(path))
    .sort();
  if (found.length === 0)
    throw new EaselError('bad-request', said`There is no expected.safetensors below ${files.name}.`);
  const pattern = patternOf(only);
  for (const path of found) {
    tell({ kind: 'heading', text: path });
    await compareAll(files, path, device, NETWORK_TOLERANCE[device.report.provider], pattern, tell);
  }
}

/** @throws EaselError `bad-request` when it is no regular expression. */
export function patternOf(only: string): RegExp {
  try {
    return new RegExp(only);
  } catch (cause) {
    throw new EaselError('bad-request', said`--only ${only} is not a regular expression.`, { cause });
  }
}
