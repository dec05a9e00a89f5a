import { FIELDS, type FieldName, fieldNames } from '../../core/request/fields';
import { WALK_FIELDS, type WalkEnd } from '../../core/request/walk';
import { betweenGrid } from '../../jobs/grid';
import { texts as fieldTexts } from '../../texts/fields';
import { texts } from '../../texts/store';
import { showLatest } from '../gallery/gallery';
import type { ResultRecord } from '../gallery/result-record';
import { notify } from '../notices';
import { enqueue } from './enqueue';

/** How many pictures may stand between two others. */
export const BETWEEN = { min: 1, max: 24, default: 3 } as const;

/**
 * Paints pictures on the way from one result to another, after what already waits: their noise turned from the one's to
 * the other's (slerp), their words' embeddings in a straight line. All else is the first one's, and what that is of the
 * second is said.
 * @param pictures 1 or more, neither end included
 */
export function paintBetween(from: ResultRecord, to: ResultRecord, pictures: number): void {
  const { number, id, request } = from;
  const end: WalkEnd = {
    seed: to.request.seed,
    variationSeed: to.request.variationSeed,
    variationStrength: to.request.variationStrength ?? 0,
    prompt: to.request.prompt,
    negativePrompt: to.request.negativePrompt,
  };
  const others = differing(from, to).map((name) => fieldTexts[name].label);
  if (others.length > 0) notify(texts.asInPicture(number, to.number, others.join(', ')));
  const originOf = (share: number) => {
    return {
      number,
      id,
      way: 'between',
      detail: texts.onTheWay(Math.round(100 * share), to.number),
    } as const;
  };
  enqueue({
    request: { ...request, batchCount: 1 },
    sink: 'gallery',
    pictures: (parent) => betweenGrid(parent, end, pictures, originOf),
  });
  showLatest();
}

/** Settings in which results differ and which do not change on the way. */
function differing(from: ResultRecord, to: ResultRecord): FieldName[] {
  const changing: readonly FieldName[] = [...WALK_FIELDS, 'batchCount'];
  const valueIn = ({ request }: ResultRecord, name: FieldName) => request[name] ?? FIELDS[name].default;
  return fieldNames().filter((name) => !changing.includes(name) && valueIn(from, name) !== valueIn(to, name));
}
