import * as v from 'valibot';
import { asMessage, said } from '../core/errors';
import { isOpaque, type Picture } from '../core/image/picture';
import { PIXEL_UPSCALERS, type PixelUpscaler } from '../core/image/upscalers';
import { withinMemory } from '../core/image/within-memory';
import { openUpscaler, type RunningUpscaler } from '../model/running/running-upscaler';
import { type ChosenDevice, chooseDevice } from '../model/runtime/device';
import { withOwnKernels } from '../model/runtime/kernels/probe';
import { loadOrt } from '../model/runtime/ort';
import { packPng } from '../pipeline/pack-png';
import { pixelsOf } from '../pipeline/painted';
import { type Upscaler, upscalePicture } from '../pipeline/upscale-picture';
import { parseGiven } from './given-picture';
import { asModelFiles } from './model-source';
import type { EngineEvent, NamedFile, UpscaledPicture, UpscaleRequest } from './protocol';
import { NamedFileSchema, read } from './wire';

const filters = Object.keys(PIXEL_UPSCALERS) as PixelUpscaler[];
const side = v.pipe(v.number(), v.integer(), v.minValue(1));

/** The picture itself is looked at on its own. */
const UpscaleSchema = v.object({
  upscaler: v.union(
    [v.picklist(filters), NamedFileSchema],
    asMessage(said`The upscaler is neither a filter nor a file.`),
  ),
  to: v.message(
    v.object({ width: side, height: side }),
    asMessage(said`The size to upscale to is not a size in pixels.`),
  ),
  texts: v.record(v.string(), v.string(), asMessage(said`The texts of the PNG are missing.`)),
}) satisfies v.GenericSchema<unknown, Omit<UpscaleRequest, 'picture'>>;

/**
 * As EngineApi's.
 * @param device the open model's; without one, what would be chosen for one
 */
export async function upscale(
  request: UpscaleRequest,
  device: ChosenDevice | undefined,
  emit: (event: EngineEvent) => void,
  signal?: AbortSignal,
): Promise<UpscaledPicture> {
  const started = performance.now();
  const { upscaler, to, texts } = read(UpscaleSchema, request);
  const { picture } = parseGiven({ picture: request.picture });
  emit({ type: 'stage', stage: 'upscale', picture: 0, pictures: 1 });
  const network = typeof upscaler === 'string' ? undefined : await openNetwork(upscaler, device);
  try {
    const how: Upscaler = network ? { kind: 'network', network } : filterOf(upscaler as PixelUpscaler);
    const large = await upscalePicture(picture, to, how, { signal, onTile: tilesAsSteps(emit) });
    const notes = network?.takeNotes() ?? [];
    const png = await withinMemory(to, () => pngOf(large, texts));
    return {
      png: new Blob([png], { type: 'image/png' }),
      width: large.width,
      height: large.height,
      totalMs: performance.now() - started,
      notes: notes.length > 0 ? notes : undefined,
    };
  } finally {
    await network?.release();
  }
}

const filterOf = (id: PixelUpscaler): Upscaler => ({ kind: 'filter', filter: PIXEL_UPSCALERS[id].way.filter });

/**
 * The network in an upscaler's file.
 * @param open the open model's device; without one, what would be chosen for one
 */
export async function openNetwork(file: NamedFile, open: ChosenDevice | undefined): Promise<RunningUpscaler> {
  const { files } = asModelFiles(file);
  if (open) return openUpscaler(files, file.name, open);
  const { threads } = await loadOrt();
  return openUpscaler(files, file.name, await withOwnKernels(await chooseDevice('auto', threads), 'auto'));
}

/** Tiles are a run's steps to the page. */
function tilesAsSteps(emit: (event: EngineEvent) => void) {
  const began = performance.now();
  return (step: number, of: number) => {
    const msPerStep = (performance.now() - began) / step;
    emit({ type: 'step', step, of, picture: 0, pictures: 1, msPerStep });
  };
}

function pngOf(picture: Picture, texts: Readonly<Record<string, string>>): Promise<Uint8Array<ArrayBuffer>> {
  if (!isOpaque(picture)) return packPng({ ...picture, channels: 4 }, texts);
  const { rgb: data, width, height } = pixelsOf(picture);
  return packPng({ width, height, data, channels: 3 }, texts);
}
