import { RANDOM_SEED } from '../../core/request/fields';
import type { Origin } from '../../core/request/recipe';
import { type GenerationRequest, requestConflict } from '../../core/request/request';
import type { DrawSeed } from '../../jobs/seeds';
import { sentenceText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { useEngine } from '../engine';
import { showLatest } from '../gallery/gallery';
import type { ResultRecord } from '../gallery/result-record';
import { notify } from '../notices';
import { picked, useSettings } from '../settings/settings';
import { enqueue } from './enqueue';

/** How many variations one click brings, and how far they are from the picture where it is no variation itself. */
const VARIATIONS = { count: 4, strength: 0.2 };

/** What the form says of a second pass, its size aside: that was meant for another picture. */
const OF_FORM = [
  'hiresUpscaler',
  'hiresScale',
  'hiresSteps',
  'hiresStrength',
  'hiresSampler',
  'hiresSchedule',
] as const;

/**
 * Whether a result's settings paint it: it was painted from words alone. What was painted from a picture says how far
 * from it, and that picture is not there any more: it is for the canvas. Of what stands between two others, they say
 * only the one.
 */
export const canPaintAgain = ({ request: { denoisingStrength, sdUpscale }, origin }: ResultRecord): boolean =>
  denoisingStrength === undefined && !sdUpscale && origin?.way !== 'between';

/** Paints four pictures near a result: its seed's noise with a little of other seeds'. */
export function paintVariations(record: ResultRecord, draw?: DrawSeed): void {
  const { request } = record;
  const variationStrength = request.variationStrength || VARIATIONS.strength;
  const varied = { ...request, variationStrength, variationSeed: RANDOM_SEED, batchCount: VARIATIONS.count };
  paintFrom(record, 'variation', varied, draw);
}

/** Paints a result once more, with the second pass that the form says. */
export function paintHires(record: ResultRecord, draw?: DrawSeed): void {
  const set = Object.entries(picked(useSettings.getState().values, OF_FORM)).filter(([, value]) => value !== undefined);
  paintFrom(record, 'hires', { ...record.request, ...Object.fromEntries(set), hires: true, batchCount: 1 }, draw);
}

function paintFrom(
  { id, number, model }: ResultRecord,
  way: Origin['way'],
  request: GenerationRequest,
  draw: DrawSeed | undefined,
): void {
  const problem = requestConflict(request);
  if (problem) {
    notify(sentenceText(problem));
    return;
  }
  const open = useEngine.getState().model?.info.name;
  if (open !== undefined && open !== model) notify(texts.paintedWithOpen(open, model));
  enqueue({ request, sink: 'gallery', origin: { number, id, way } }, draw);
  showLatest();
}
