import type { Plot, PlotCell } from '../core/request/axes';
import { resolvePrompts } from '../core/request/dynamic-prompts';
import { batchPicture } from '../core/request/request';
import type { WalkEnd } from '../core/request/walk';
import { resolveTemplate } from '../core/text/dynamic/resolve';
import type { Wildcards } from '../core/text/dynamic/wildcards';
import type { Job } from './job';

/** A job as it was asked for, and the pictures that it still comes to: one each child. */
export interface Grid {
  readonly parent: Job;
  /** What is left of them, in their order. */
  readonly children: readonly Job[];
  /** How many there were at first. */
  readonly of: number;
}

/** The pictures of a batch: seed, seed + 1, ... */
export function batchGrid(parent: Job): Grid {
  return gridOf(parent, parent.request.batchCount, (index) => ({ request: batchPicture(parent.request, index) }));
}

/**
 * The pictures of a walk, evenly spaced, both ends included.
 * @param pictures 2 or more
 */
export function walkGrid(parent: Job, to: WalkEnd, pictures: number): Grid {
  return gridOf(parent, pictures, (index) => ({
    request: batchPicture(parent.request, 0),
    mix: { ...to, share: index / (pictures - 1) },
  }));
}

/** A picture of each of some requests. */
export function requestsGrid(parent: Job, requests: readonly Job['request'][]): Grid {
  return gridOf(parent, requests.length, (index) => ({ request: requests[index] }));
}

/**
 * The pictures between two others, evenly spaced, neither of them included.
 * @param originOf what says where a picture stands, by its share of the way, 0..1
 */
export function betweenGrid(
  parent: Job,
  to: WalkEnd,
  pictures: number,
  originOf: (share: number) => Job['origin'],
): Grid {
  return gridOf(parent, pictures, (index) => {
    const share = (index + 1) / (pictures + 1);
    return { request: batchPicture(parent.request, 0), mix: { ...to, share }, origin: originOf(share) };
  });
}

/**
 * The cells of a plot in their order, those of one model together, and of its those of one autoencoder: so each is
 * opened once.
 * @param idOf the id of a model or an autoencoder by its name
 */
export function plotGrid(
  parent: Job,
  { plot, cells }: { plot: Plot; cells: readonly PlotCell[] },
  idOf: (kind: 'model' | 'vae', name: string) => string | undefined,
): Grid {
  const { children, of } = gridOf(parent, cells.length, (at) => {
    const { request, checkpoint, vae } = cells[at];
    const model = checkpoint === undefined ? parent.model : idOf('model', checkpoint);
    return { request, cell: { at }, model, ...(vae !== undefined && { vae: vae && idOf('vae', vae) }) };
  });
  const ofOneVae = together(children, ({ vae }) => vae);
  return { parent: { ...parent, plot }, children: together(ofOneVae, ({ model }) => model), of };
}

/** In the order in which each kind comes first. */
function together<T>(items: readonly T[], kindOf: (item: T) => unknown): T[] {
  const kinds = [...new Set(items.map(kindOf))];
  return kinds.flatMap((kind) => items.filter((item) => kindOf(item) === kind));
}

type Child = Pick<Job, 'request' | 'mix'> & Partial<Pick<Job, 'origin' | 'cell' | 'model' | 'vae'>>;

function gridOf(parent: Job, of: number, childOf: (index: number) => Child): Grid {
  const children = Array.from({ length: of }, (_, index) => {
    return { ...parent, ...childOf(index), id: `${parent.id}/${index}`, parent: parent.id };
  });
  return { parent, children, of };
}

/**
 * A grid whose pictures say what their templates come to, each by its own seed; the parent keeps what was asked for.
 * @throws EaselError `bad-request` for what cannot be resolved
 */
export function resolveGrid(grid: Grid, wildcards: Wildcards): Grid {
  const children = grid.children.map((child) => {
    const { seed, prompt } = child.mix ?? {};
    const request = resolvePrompts(child.request, wildcards);
    if (prompt === undefined || !child.mix) return { ...child, request };
    return {
      ...child,
      request,
      mix: { ...child.mix, prompt: resolveTemplate(prompt, seed ?? request.seed, wildcards) },
    };
  });
  return { ...grid, children };
}

/** Changes what a grid is painted with, its children's own seeds and shares aside. */
export function changeGrid({ parent, children, of }: Grid, change: (job: Job) => Job): Grid {
  return { parent: change(parent), children: children.map(change), of };
}
