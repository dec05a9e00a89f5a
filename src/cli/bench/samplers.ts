import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { trainedSigmas } from '../../core/diffusion/noise-schedules';
import { planSteps } from '../../core/diffusion/plan-steps';
import { brownianNoise } from '../../core/diffusion/samplers/brownian';
import { SAMPLERS, type SamplerId, samplerEntry } from '../../core/diffusion/samplers/index';
import { tunedOptions } from '../../core/diffusion/samplers/tuning';
import type { Latent } from '../../core/diffusion/types';
import { seededNormal } from '../../core/random';

const SHAPES = { '4x64x64': 4 * 64 * 64, '4x128x128': 4 * 128 * 128 };
const STEPS = 20;
const RUNS = 7;
const OUT = 'out/bench-samplers.json';

const SD = { beta_schedule: 'scaled_linear', beta_start: 0.00085, beta_end: 0.012, num_train_timesteps: 1000 };

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** A sampler's own milliseconds a step, with a model and a noise source that cost nothing. */
async function overhead(id: SamplerId, cells: number): Promise<number> {
  const table = trainedSigmas(SD);
  const plan = planSteps({ sampler: id, schedule: 'automatic', steps: STEPS, table, config: {} });
  const noise = seededNormal(1)(cells);
  const x0: Latent = new Float32Array(cells).fill(0.1);
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    let steps = 0;
    const start = Float32Array.from(noise, (v) => v * plan.sigmas[0]);
    const began = performance.now();
    await samplerEntry(id).sample(async () => ({ x0, uncond: x0 }), start, plan.sigmas, {
      ...tunedOptions(id, {}),
      noise: () => noise,
      targets: plan.targets,
      timesteps: plan.timesteps ?? plan.sigmas.map(() => 500),
      onStep: () => {
        steps++;
      },
    });
    times.push((performance.now() - began) / steps);
  }
  return median(times);
}

/** Milliseconds to draw the noise of one step. */
function drawing(cells: number): Record<string, number> {
  const sources = {
    CPU: seededNormal(1),
    NV: seededNormal(1, 'nv'),
  };
  const sigmas = planSteps({ sampler: 'dpmpp_2m_sde', schedule: 'karras', steps: STEPS, table: trainedSigmas(SD), config: {} }).sigmas.slice(0, -1); // biome-ignore format: one call
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
  console.table(msPerStep);
  console.table(noiseMs);
  const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, one thread, Node ${process.version}`;
  await mkdir('out', { recursive: true });
  await writeFile(OUT, `${JSON.stringify({ machine, steps: STEPS, msPerStep, noiseMs }, null, 1)}\n`);
}
