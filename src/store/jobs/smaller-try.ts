import { MEMORY_PLANS, memoryNeed, type PictureSize, planFor, smallerSize } from '../../core/memory-need';
import { changeGrid, type Grid } from '../../jobs/grid';
import type { OpenModel, Problem, WantedModel } from '../engine';
import { formatBytes } from '../library/labels';
import { entryOf } from '../library/library';
import { knownMemory, memoryTaken, rememberPlan, useDevice } from '../library/memory';
import { openModel } from '../library/models';
import { openEntry } from '../library/open-entry';
import { changeSettings } from '../settings/settings';
import { queue } from './jobs';

/** What takes less memory than what failed, and what that changes, in a sentence. */
export interface SmallerTry {
  label: string;
  explanation: string;
  run(): void;
}

/**
 * The one thing that takes less memory, by the stage that ran out of it; undefined where nothing does. What is offered
 * is always less than what failed, so that trying comes to an end.
 */
export function smallerTry(problem: Problem, model: OpenModel | undefined): SmallerTry | undefined {
  if (problem.during === 'load') return smallerOpening(problem);
  return model && problem.grid && smallerPainting(problem, problem.grid, model);
}

const IN_TURN = 'Text encoder, UNet and VAE then take the memory one after the other';

/** Only a graphics card's memory is unknown beforehand; and before the networks start, it is not the sum that counts. */
function smallerOpening({ wanted, stage }: Problem): SmallerTry | undefined {
  const { device } = useDevice.getState();
  if (!wanted || stage !== 'create-sessions' || device?.provider !== 'webgpu') return undefined;
  // What was tried last is what the next try is less than.
  if (knownMemory(wanted.id).plan !== undefined) return undefined;
  return {
    label: 'Load its parts in turn',
    explanation: `${IN_TURN}. Each picture takes longer.`,
    run() {
      rememberPlan(wanted.id, 'in-turn');
      void reopened(wanted);
    },
  };
}

function smallerPainting({ stage }: Problem, grid: Grid, model: OpenModel): SmallerTry | undefined {
  const [{ request, place }] = grid.children;
  const used = memoryTaken(model, request);
  const { networks } = model.device;
  if (!used || !networks) return undefined;
  const next = planFor(networks, request, model.device, { short: used.bytes, plan: used.plan });
  const isNews = MEMORY_PLANS.indexOf(next) > MEMORY_PLANS.indexOf(used.plan);
  const bytes = (much: number) => `about ${formatBytes(much)}`;
  // Tiles are the decoder's: they help no other stage.
  if (isNews && (next === 'in-turn' || stage === 'decode'))
    return {
      label: next === 'in-turn' ? 'Load its parts in turn' : 'Decode in tiles',
      explanation:
        next === 'in-turn'
          ? `${IN_TURN}: ${bytes(used.need[next])} at a time instead of ${bytes(used.bytes)}. Each picture takes longer.`
          : 'The VAE then decodes small tiles one after the other, whose seams are blended. It takes longer.',
      run: () => void paintAgain(model, grid),
    };
  // What is painted for the canvas has the size of its place there.
  const size = place ? undefined : smallerSize(request);
  if (!size) return undefined;
  return {
    label: `Try ${size.width} × ${size.height}`,
    explanation: `A picture of that size takes ${bytes(memoryNeed(networks, size, model.device)[used.plan])} instead of ${bytes(used.bytes)}.`,
    run: () => void paintAgain(model, resized(grid, size)),
  };
}

function resized(grid: Grid, { width, height }: PictureSize): Grid {
  changeSettings({ width, height });
  return changeGrid(grid, (job) => ({ ...job, request: { ...job.request, width, height } }));
}

/** With a fresh worker, which knows what was found out; the picture comes before what waits. */
async function paintAgain(model: WantedModel, grid: Grid): Promise<void> {
  if (await reopened(model)) queue.putBack({ grids: [{ grid, at: 0 }] });
}

const reopened = (model: WantedModel) => (entryOf(model.id) ? openEntry(model.id) : openModel(model));
