import { MEMORY_PLANS, type PictureSize, planFor, smallerSize } from '../../core/memory-need';
import { changeGrid, type Grid } from '../../jobs/grid';
import { sizeOf } from '../../jobs/job';
import { texts } from '../../texts/store';
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

/** Only a graphics card's memory is unknown beforehand; and before networks start, it is not their sum that counts. */
function smallerOpening({ wanted, stage }: Problem): SmallerTry | undefined {
  const { device } = useDevice.getState();
  if (!wanted || stage !== 'create-sessions' || device?.provider !== 'webgpu') return undefined;
  // What was tried last is what the next try is less than.
  if (knownMemory(wanted.id).plan !== undefined) return undefined;
  return {
    label: texts.loadItsPartsInTurn,
    explanation: texts.inTurnHelp,
    run() {
      rememberPlan(wanted.id, 'in-turn');
      void reopened(wanted);
    },
  };
}

function smallerPainting(problem: Problem, grid: Grid, model: OpenModel): SmallerTry | undefined {
  const [job] = grid.children;
  // What is painted for the canvas has the size of its place there.
  return smallerPlan(problem, grid, model) ?? (job.place ? undefined : smallerPicture(grid, model));
}

const about = (bytes: number) => texts.about(formatBytes(bytes));

/** The model's parts otherwise; undefined where that takes no less, or the stage that failed would not. */
function smallerPlan({ stage }: Problem, grid: Grid, model: OpenModel): SmallerTry | undefined {
  const [job] = grid.children;
  const size = sizeOf(job);
  const { device } = model;
  const used = memoryTaken(model, size);
  if (!used || !device.networks) return undefined;
  const { plan, bytes, need } = used;
  const next = planFor(device.networks, size, device, { short: bytes, plan });
  const run = () => void paintAgain(model, grid);
  if (MEMORY_PLANS.indexOf(next) <= MEMORY_PLANS.indexOf(plan)) return undefined;
  if (next === 'in-turn') {
    const explanation = texts.inTurnSaves(about(need[next]), about(bytes));
    return { label: texts.loadItsPartsInTurn, explanation, run };
  }
  if (stage !== 'decode') return undefined;
  return { label: texts.decodeInTiles, explanation: texts.tilesHelp, run };
}

/** The same picture with half the pixels, or without its second pass; undefined where it would be tiny. */
function smallerPicture(grid: Grid, model: OpenModel): SmallerTry | undefined {
  const [job] = grid.children;
  const asked = sizeOf(job);
  const { width, height } = job.request;
  // A second pass is what made it large.
  const size = job.recipe === 'hires' ? { width, height } : smallerSize(asked);
  if (!size) return undefined;
  const [before, after] = [asked, size].map((of) => memoryTaken(model, of)?.bytes);
  const explanation =
    before === undefined || after === undefined ? texts.halfTheMemory : texts.lessMemory(about(after), about(before));
  const run = () => void paintAgain(model, resized(grid, size));
  const label = job.recipe === 'hires' ? texts.trySizeAlone : texts.trySize;
  return { label: label(size.width, size.height), explanation, run };
}

function resized(grid: Grid, { width, height }: PictureSize): Grid {
  const change = { width, height, hires: undefined };
  changeSettings(change);
  return changeGrid(grid, (job) => {
    const recipe = job.recipe === 'hires' ? 'text-to-image' : job.recipe;
    return { ...job, recipe, request: { ...job.request, ...change } };
  });
}

/** With a fresh worker, which knows what was found out; the picture comes before what waits. */
async function paintAgain(model: WantedModel, grid: Grid): Promise<void> {
  if (await reopened(model)) queue.putBack({ grids: [{ grid, at: 0 }] });
}

const reopened = (model: WantedModel) => (entryOf(model.id) ? openEntry(model.id) : openModel(model));
