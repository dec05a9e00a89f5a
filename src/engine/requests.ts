/**
 * What the page asks for, checked as it comes over the wire. Each throws an EaselError `bad-request` that names what is
 * wrong.
 */

import { EaselError } from '../core/errors';
import { fieldError, MAX_SEED } from '../core/request/fields';
import { type GenerationRequest, parseRequest, promptError } from '../core/request/request';
import { WALK_PICTURES } from '../core/request/walk';
import { isNamedFile } from './attach';
import type { LoadRequest, ModelSource, WalkRequest } from './protocol';

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

export function parseLoad(request: LoadRequest): LoadRequest {
  const { source, device, kernels = 'auto', vocabulary, prediction, vae } = (request ?? {}) as Partial<LoadRequest>;
  if (device !== 'auto' && device !== 'webgpu' && device !== 'wasm')
    throw new EaselError('bad-request', `Unknown device ${JSON.stringify(device)}.`);
  if (kernels !== 'auto' && kernels !== 'own' && kernels !== 'onnxruntime')
    throw new EaselError('bad-request', `Unknown kernels ${JSON.stringify(kernels)}.`);
  if (!isSource(source)) throw new EaselError('bad-request', 'The model source is neither an address nor a folder.');
  if (typeof vocabulary !== 'string') throw new EaselError('bad-request', 'The address of the vocabulary is missing.');
  if (prediction !== undefined && prediction !== 'epsilon' && prediction !== 'v_prediction')
    throw new EaselError('bad-request', `Unknown prediction type ${JSON.stringify(prediction)}.`);
  if (vae !== undefined && !isNamedFile(vae)) throw new EaselError('bad-request', 'The VAE is not a file.');
  return { source, device, kernels, vocabulary, prediction, vae };
}

function isSource(source: ModelSource | undefined): source is ModelSource {
  if (source?.kind === 'url') return typeof source.base === 'string';
  return (
    source?.kind === 'folder' &&
    typeof source.name === 'string' &&
    Array.isArray(source.files) &&
    source.files.every((entry) => typeof entry?.path === 'string' && entry.file instanceof Blob)
  );
}
