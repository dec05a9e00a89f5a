/**
 * What the page asks for, checked as it comes over the wire. Each throws an EaselError `bad-request` that names what is
 * wrong.
 */

import { EaselError } from '../core/errors';
import { MAX_SEED, RANDOM_SEED } from '../core/request/fields';
import { type GenerationRequest, parseFields, parseRequest } from '../core/request/request';
import { WALK_PICTURES } from '../core/request/walk';
import type { WalkRequest } from './protocol';

export function parseSeeded(request: unknown): GenerationRequest {
  const checked = parseRequest(request);
  if (checked.seed === RANDOM_SEED)
    throw new EaselError('bad-request', 'The seed must be drawn before the engine is asked.');
  return checked;
}

export function parseWalk(request: WalkRequest): WalkRequest {
  const { from, to, pictures } = (request ?? {}) as Partial<WalkRequest>;
  const end = parseFields(to ?? {}, ['seed', 'prompt']);
  if (end.seed === undefined && end.prompt === undefined)
    throw new EaselError('bad-request', 'A walk needs another seed or another prompt to go to.');
  if (end.seed === RANDOM_SEED)
    throw new EaselError('bad-request', `The seed that the walk goes to must be a number of 0 to ${MAX_SEED}.`);
  const { min, max } = WALK_PICTURES;
  if (!Number.isInteger(pictures) || Number(pictures) < min || Number(pictures) > max)
    throw new EaselError('bad-request', `A walk has ${min} to ${max} pictures.`);
  return { from: parseSeeded(from), to: end, pictures: Number(pictures) };
}
