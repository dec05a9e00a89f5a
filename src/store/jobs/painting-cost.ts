import type { GenerationRequest } from '../../core/request/request';
import type { ResultRecord } from '../gallery/result-record';

type Cost = Pick<GenerationRequest, 'width' | 'height' | 'steps' | 'cfgScale'>;

/**
 * How the time of a step grows with the pixels: convolutions take as much more, attention the square of it. Measured
 * with the starter on two cores from 256 x 256 to 512 x 512: nine times as long for four times the pixels.
 */
const GROWTH = 1.6;

/** How many times as long as another size a size takes. */
export const timesAsLong = (size: Pick<Cost, 'width' | 'height'>, other: Pick<Cost, 'width' | 'height'>): number =>
  ((size.width * size.height) / (other.width * other.height)) ** GROWTH;

/** Runs of the network a step: without guidance one is enough. */
const runs = ({ cfgScale }: Cost): number => (cfgScale === 1 ? 1 : 2);

/** About how long a picture will take, in milliseconds, by one that the same model painted on this device. */
export function paintingMs(wanted: Cost, { request, timings }: Pick<ResultRecord, 'request' | 'timings'>): number {
  const { encodeMs, denoiseMs, decodeMs } = timings;
  const stepMs = denoiseMs / (request.steps * runs(request));
  const growth = timesAsLong(wanted, request);
  const pixels = (wanted.width * wanted.height) / (request.width * request.height);
  return encodeMs + stepMs * growth * wanted.steps * runs(wanted) + decodeMs * pixels;
}
