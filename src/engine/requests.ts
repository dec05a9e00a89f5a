/**
 * What the page asks for, checked as it comes over the wire. Each throws an EaselError `bad-request` that names what is
 * wrong.
 */

import { EaselError } from '../core/errors';
import { MAX_SEED, RANDOM_SEED } from '../core/request/fields';
import { type GenerationRequest, parseFields, parseRequest } from '../core/request/request';
import type { Walk } from '../core/request/walk';
import { isNamedFile } from './attach';
import type { LoadRequest, ModelSource } from './protocol';

export function parseSeeded(request: unknown): GenerationRequest {
  const checked = parseRequest(request);
  if (checked.seed === RANDOM_SEED)
    throw new EaselError('bad-request', 'The seed must be drawn before the engine is asked.');
  return checked;
}

export function parseWalk(mix: unknown): Walk {
  const { share, ...to } = (mix ?? {}) as Partial<Walk>;
  const end = parseFields(to, ['seed', 'prompt']);
  if (end.seed === undefined && end.prompt === undefined)
    throw new EaselError('bad-request', 'A walk needs another seed or another prompt to go to.');
  if (end.seed === RANDOM_SEED)
    throw new EaselError('bad-request', `The seed that the walk goes to must be a number of 0 to ${MAX_SEED}.`);
  if (typeof share !== 'number' || !(share >= 0 && share <= 1))
    throw new EaselError('bad-request', 'A picture’s share of a walk must be a number of 0 to 1.');
  return { ...end, share };
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
