import { trainedSigmas } from '../../core/diffusion/noise-schedules';
import { planSteps } from '../../core/diffusion/plan-steps';
import { tableLevels } from '../../core/diffusion/process/discrete';
import { brownianNoise } from '../../core/diffusion/samplers/brownian';
import { SAMPLERS, type SamplerId, samplerEntry } from '../../core/diffusion/samplers/index';
import { tunedOptions } from '../../core/diffusion/samplers/tuning';
import type { Denoiser } from '../../core/diffusion/types';
import { seededNormal } from '../../core/random';
import { MACHINE, median, report } from './report';

const SHAPES = { '4x64x64': 4 * 64 * 64, '4x128x128': 4 * 128 * 128 };
const STEPS = 20;
/** So many that the median is not of a run in which the compiler was still at work. */
const RUNS = 45;
/** More predictions than any method looks back on. */
const PREDICTIONS = 8;

const SD = tableLevels(
  trainedSigmas({ beta_schedule: 'scaled_linear', beta_start: 0.00085, beta_end: 0.012, num_train_timesteps: 1000 }),
);

/**
 * A sampler's own milliseconds of the processor a step, with a model and a noise source that cost nothing; other work
 * does not count.
 */
async function overhead(id: SamplerId, cells: number): Promise<number> {
  const plan = planSteps({ sampler: id, schedule: 'automatic', steps: STEPS, levels: SD, config: {} });
  const noise = seededNormal(1)(cells);
  // As a model's, each prediction lies in memory of its own.
  const predictions = Array.from({ length: PREDICTIONS }, () => new Float32Array(cells).fill(0.1));
  // Made once: what a run leaves to be cleared away is the sampler's own.
  const start = new Float32Array(cells);
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    let [steps, calls] = [0, 0];
    for (let i = 0; i < cells; i++) start[i] = noise[i] * plan.sigmas[0];
    const began = process.cpuUsage();
    const model: Denoiser = async () => {
      const x0 = predictions[calls++ % PREDICTIONS];
      return { x0, uncond: x0 };
    };
    await samplerEntry(id).sample(model, start, plan.sigmas, {
      ...tunedOptions(id, {}),
      noise: () => noise,
      targets: plan.targets,
      timesteps: plan.timesteps ?? plan.sigmas.map(() => 500),
      onStep: () => {
        steps++;
      },
    });
    const { user, system } = process.cpuUsage(began);
    times.push((user + system) / 1000 / steps);
  }
  return median(times);
}

/** Milliseconds to draw the noise of one step. */
function drawing(cells: number): Record<string, number> {
  const sources = {
    CPU: seededNormal(1),
    NV: seededNormal(1, 'nv'),
  };
  const sigmas = planSteps({ sampler: 'dpmpp_2m_sde', schedule: 'karras', steps: STEPS, levels: SD, config: {} }).sigmas.slice(0, -1); // biome-ignore format: one call
  const path = brownianNoise(1, [sigmas[sigmas.length - 1], sigmas[0]], cells, (seed, n) => seededNormal(seed)(n));
  const time = (draw: (step: number) => unknown) => {
    const times = sigmas.slice(1).map((_, step) => {
      const began = performance.now();
      draw(step);
      return performance.now() - began;
    });
    return median(times);
  };
  return {
    CPU: time(() => sources.CPU(cells)),
    NV: time(() => sources.NV(cells)),
    Brownian: time((step) => path(sigmas[step], sigmas[step + 1])),
  };
}

/** Every sampler's own time a step, without the model and without the noise, which is timed apart. */
export async function samplers(): Promise<void> {
  // As in a page, where buffers go to workers: V8 watches for detached ones only once there was one.
  structuredClone(0, { transfer: [new ArrayBuffer(0)] });
  const shapes = Object.entries(SHAPES);
  const rounded = (value: number) => Number(value.toFixed(3));
  const msPerStep: Record<string, Record<string, number>> = {};
  for (const id of Object.keys(SAMPLERS) as SamplerId[]) {
    const row: Record<string, number> = {};
    for (const [shape, cells] of shapes) row[shape] = rounded(await overhead(id, cells));
    msPerStep[samplerEntry(id).label] = row;
  }
  const noiseMs = Object.fromEntries(
    shapes.map(([shape, cells]) => [
      shape,
      Object.fromEntries(Object.entries(drawing(cells)).map(([source, ms]) => [source, rounded(ms)])),
    ]),
  );
  await report('samplers', { machine: `${MACHINE}, one thread`, steps: STEPS, msPerStep, noiseMs });
}
