import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDirectory } from '../../cli/directory';
import { openExpected, relativeError } from '../../cli/parity/expected';
import { chooseDevice } from '../runtime/device';
import { decodeFloats } from '../weights/dtypes';
import { openStateDict } from '../weights/state-dict';
import { loadModel } from './load';

/** Rows of `width` numbers brought to mean 0 and variance 1, then scaled and shifted. */
function layerNorm(rows: Float32Array, width: number, scale: Float32Array, shift: Float32Array): number[] {
  return Array.from({ length: rows.length / width }, (_, r) => rows.subarray(r * width, (r + 1) * width)).flatMap(
    (row) => {
      const mean = row.reduce((sum, v) => sum + v, 0) / width;
      const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / width;
      return Array.from(row, (v, i) => ((v - mean) / Math.sqrt(variance + 1e-5)) * scale[i] + shift[i]);
    },
  );
}

it('reads the last layer but one through the final norm, as transformers computed it, from the session that is there', async () => {
  const fixtures = await openDirectory(join(import.meta.dirname, '../fixtures/sd15'));
  const expected = await openExpected(fixtures, 'expected.safetensors');
  const folder = await openDirectory(join(import.meta.dirname, '../fixtures/sd15/model'));
  const weights = await openStateDict(folder, 'text_encoder');
  const floats = async (key: string) => decodeFloats(await weights.read(`text_model.final_layer_norm.${key}`), 'F16');
  const model = await loadModel(folder, await chooseDevice('wasm', 2));
  expect(model.info.maxClipSkip).toBe(2);
  const ids = await expected.ints('text.0.input_ids');
  const { hidden, pooled } = await model.encodeText(ids, 2);
  const raw = await expected.floats('text.0.penultimate');
  expect(relativeError(hidden, layerNorm(raw, 32, await floats('weight'), await floats('bias')))).toBeLessThan(1e-5);
  expect(relativeError(pooled, await expected.floats('text.0.pooled'))).toBeLessThan(1e-5);
  const last = await model.encodeText(ids);
  expect(relativeError(last.hidden, await expected.floats('text.0.last_hidden_state'))).toBeLessThan(1e-5);
  await model.dispose();
});
