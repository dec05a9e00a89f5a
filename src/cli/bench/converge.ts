import { concat } from '../../core/array';
import { SAMPLERS, type SamplerId, samplerEntry } from '../../core/diffusion/samplers/index';
import {
  type ConvergenceOfSampler,
  type ConvergenceReport,
  rootMeanSquare,
} from '../../core/diffusion/theory/convergence';
import { type GenerationRequest, parseRequest, schedulesOf } from '../../core/request/request';
import type { PaintingModel } from '../../model/running/painting-model';
import { paint } from '../../pipeline/generate';

/** Whose picture of many steps the deterministic samplers are measured against: they all solve one equation. */
const REFERENCE: SamplerId = 'dpmpp_2m';

/**
 * Samplers that can be compared: those that take the number of steps they are given, on models that were not distilled.
 */
export const COMPARED = (Object.keys(SAMPLERS) as SamplerId[]).filter(
  (id) => id !== 'lcm' && !samplerEntry(id).ends?.adaptive,
);

/** What is painted, and how often. */
export interface Measuring {
  prompt: string;
  seeds: readonly number[];
  steps: readonly number[];
  referenceSteps: number;
  width: number;
  height: number;
}

/** A report of nothing yet, of what would be measured on this model. */
export function emptyReport(model: PaintingModel, measuring: Measuring): ConvergenceReport {
  const { prompt, seeds, steps, referenceSteps, width, height } = measuring;
  const { cfgScale } = parseRequest(model.info.defaults);
  return { v: 1, model: model.info.name, prompt, seeds, width, height, cfgScale, referenceSteps, steps, samplers: [] };
}

/**
 * How far each sampler's pictures of few steps are from one of many: deterministic samplers from DPM++ 2M's, those that
 * add noise (and CFG++) from their own. Karras for all, so that samplers are compared and not schedules; a sampler's
 * own where it does not take that.
 * @param onRow hears each sampler's figures as soon as they are there.
 */
export async function measureConvergence(
  model: PaintingModel,
  measuring: Measuring,
  wanted: readonly SamplerId[],
  onRow: (row: ConvergenceOfSampler) => void | Promise<void>,
): Promise<void> {
  const { prompt, width, height } = measuring;
  const base = parseRequest({ ...model.info.defaults, eta: undefined, prompt, width, height, seed: 0 });
  const requestFor = (sampler: SamplerId, steps: number): GenerationRequest => ({
    ...base,
    sampler,
    schedule: schedulesOf(sampler).includes('karras') ? 'karras' : 'automatic',
    steps,
  });
  const pictures = (sampler: SamplerId, steps: number) =>
    picturesOf(model, requestFor(sampler, steps), measuring.seeds);
  const references = new Map<SamplerId, Float32Array>();
  for (const id of wanted) {
    const { label, noise, cfgpp } = samplerEntry(id);
    // CFG++ follows an equation of its own.
    const reference = noise === 'none' && !cfgpp ? REFERENCE : id;
    const measure = references.get(reference) ?? (await pictures(reference, measuring.referenceSteps)).rgb;
    references.set(reference, measure);
    const { schedule } = requestFor(id, measuring.referenceSteps);
    const row: ConvergenceOfSampler = { id, label, schedule, reference, calls: [], distances: [] };
    for (const steps of measuring.steps) {
      const { rgb, calls } = await pictures(id, steps);
      row.calls.push(calls);
      row.distances.push(Number(rootMeanSquare(rgb, measure).toFixed(3)));
    }
    await onRow(row);
  }
}

/** The pixels of every seed, one after another, and how often the UNet was called for each. */
async function picturesOf(
  model: PaintingModel,
  request: GenerationRequest,
  seeds: readonly number[],
): Promise<{ rgb: Float32Array; calls: number }> {
  const before = model.runs.unet;
  const pictures: Float32Array[] = [];
  for (const seed of seeds) pictures.push(Float32Array.from((await paint(model, { ...request, seed })).rgb));
  return { rgb: concat(pictures), calls: (model.runs.unet - before) / seeds.length };
}
