import { MAX_SIDE } from '../../core/image/picture';
import type { Origin } from '../../core/request/recipe';
import { texts } from '../../texts/store';
import { type Result, showLatest } from '../gallery/gallery';
import { nameOfUpscaler } from '../library/upscalers';
import { notify } from '../notices';
import { enqueue } from './enqueue';
import { withPixelsOf } from './result-pixels';

/**
 * Has a result made larger, after what already waits; it stays as it is, and the larger one comes with the results.
 * @param upscaler a filter's id, or of a network's record in the library
 */
export async function upscaleResult({ record }: Result, factor: number, upscaler: string): Promise<void> {
  const { id, number, width, height, parameters } = record;
  if (Math.max(width, height) * factor > MAX_SIDE) {
    notify(texts.tooLarge(width * factor, height * factor, MAX_SIDE));
    return;
  }
  await withPixelsOf(record, (picture) => {
    const request = { ...record.request, batchCount: 1 };
    const origin: Origin = { number, id, way: 'upscale', detail: texts.upscaledBy(factor, nameOfUpscaler(upscaler)) };
    enqueue({ request, sink: 'enlarged', given: { picture }, origin, enlargement: { factor, upscaler, parameters } });
    showLatest();
  });
}
