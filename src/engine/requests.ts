/**
 * What the page asks for, checked as it comes over the wire. Each throws an EaselError `bad-request` that names what is
 * wrong.
 */

import { EaselError } from '../core/errors';
import { fieldError, MAX_SEED } from '../core/request/fields';
import { type GenerationRequest, parseRequest, promptError } from '../core/request/request';
import { WALK_PICTURES } from '../core/request/walk';
import type { WalkRequest } from './protocol';

export function parseSeeded(request: unknown): GenerationRequest {
  const checked = parseRequest(request);
  if (checked.seed < 0) throw new EaselError('bad-request', 'The seed must be drawn before the engine is asked.');
  return checked;
}

export function parseWalk(request: WalkRequest): WalkRequest {
  const { from, to, pictures } = (request ?? {}) as Partial<WalkRequest>;
  const { seed, prompt } = to ?? {};
  if (seed === undefined && prompt === undefined)
    throw new EaselError('bad-request', 'A walk needs another seed or another prompt to go to.');
  if (seed !== undefined && (fieldError('seed', seed) || seed < 0))
    throw new EaselError('bad-request', `The seed that the walk goes to must be a whole number of 0 to ${MAX_SEED}.`);
  if (prompt !== undefined && typeof prompt !== 'string')
    throw new EaselError('bad-request', 'The prompt that the walk goes to must be text.');
  const tooLong = promptError('prompt', prompt ?? '');
  if (tooLong) throw new EaselError('bad-request', tooLong);
  const { min, max } = WALK_PICTURES;
  if (!Number.isInteger(pictures) || Number(pictures) < min || Number(pictures) > max)
    throw new EaselError('bad-request', `A walk has ${min} to ${max} pictures.`);
  const end = { ...(seed === undefined ? {} : { seed }), ...(prompt === undefined ? {} : { prompt }) };
  return { from: parseSeeded(from), to: end, pictures: Number(pictures) };
}
