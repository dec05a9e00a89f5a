/**
 * What the page asks for, checked as it comes over the wire. Each throws an EaselError `bad-request` that names what is
 * wrong.
 */

import { EaselError, said } from '../core/errors';
import { MAX_SEED, RANDOM_SEED } from '../core/request/fields';
import { type GenerationRequest, parseFields, parseRequest } from '../core/request/request';
import { WALK_FIELDS, type Walk } from '../core/request/walk';

export function parseSeeded(request: unknown): GenerationRequest {
  const checked = parseRequest(request);
  const { seed, variationSeed = RANDOM_SEED, variationStrength = 0 } = checked;
  if (seed === RANDOM_SEED || (variationStrength > 0 && variationSeed === RANDOM_SEED))
    throw new EaselError('bad-request', said`The seed must be drawn before the engine is asked.`);
  return checked;
}

export function parseWalk(mix: unknown): Walk {
  const { share, ...to } = (mix ?? {}) as Partial<Walk>;
  const end = parseFields(to, WALK_FIELDS);
  if (end.seed === undefined && end.prompt === undefined)
    throw new EaselError('bad-request', said`A walk needs another seed or another prompt to go to.`);
  if (end.seed === RANDOM_SEED)
    throw new EaselError('bad-request', said`The seed that the walk goes to must be a number of 0 to ${MAX_SEED}.`);
  if (typeof share !== 'number' || !(share >= 0 && share <= 1))
    throw new EaselError('bad-request', said`A picture’s share of a walk must be a number of 0 to 1.`);
  return { ...end, share };
}
