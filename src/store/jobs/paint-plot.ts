import { create } from 'zustand';
import { EaselError, said } from '../../core/errors';
import { type Axis, plotCells } from '../../core/request/axes';
import type { PlotNames } from '../../core/request/plot-names';
import { plotGrid } from '../../jobs/grid';
import type { DrawSeed } from '../../jobs/seeds';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/studio';
import { type GalleryState, newestResult, showLatest, useGallery } from '../gallery/gallery';
import { entriesOf, useLibrary } from '../library/library';
import { VAE_KINDS } from '../library/library-record';
import { inStyles, useStyles } from '../lists/styles';
import { notify } from '../notices';
import { currentRequest, firstProblem, useSettings } from '../settings/settings';
import { drawSeed } from './draw-seed';
import { enqueue } from './enqueue';
import { paintingMs } from './painting-cost';
import { usePlot } from './plot';

/** As many axes as a plot has, of what people vary most. */
const AXES: readonly Axis[] = [
  { id: 'steps', text: '' },
  { id: 'cfgScale', text: '' },
  { id: 'promptSr', text: '' },
];

/** What the dialog asks for, as it was left. */
export const usePlotForm = create<{ axes: readonly Axis[] }>(() => ({ axes: AXES }));

/** Fills the dialog with the axes of a plot that was painted before. @returns what puts back those that were there */
export function takeAxes(axes: readonly Axis[]): () => void {
  const { axes: before } = usePlotForm.getState();
  const others = AXES.filter(({ id }) => !axes.some((axis) => axis.id === id));
  usePlotForm.setState({ axes: [...axes, ...others].slice(0, AXES.length) });
  return () => usePlotForm.setState({ axes: before });
}

/** More than a plot has cells for. */
const MAX_PROMPTS_BYTES = 1_000_000;

/** The prompts in a text file, one a line, for an axis; undefined, with a message, where it is no such file. */
export async function promptsOf(file: File): Promise<string | undefined> {
  try {
    if (file.size > MAX_PROMPTS_BYTES) throw new EaselError('unsupported', said`${texts.tooManyPrompts}`);
    return await file.text();
  } catch (thrown) {
    notify(texts.brokenList(file.name, errorText(thrown)));
    return undefined;
  }
}

/** What a plot of the form comes to: how many pictures, and about how long they take; or why it cannot be painted. */
export function plotOutlook(
  axes: readonly Axis[],
  gallery: GalleryState,
): { count: number; ms?: number } | { problem: string } {
  const settings = useSettings.getState();
  const problem = firstProblem(settings);
  if (problem) return { problem: problem.reason };
  try {
    const { cells } = plotCells(inStyles(currentRequest(settings)), axes, plotNames());
    const newest = newestResult(gallery)?.record;
    const ms = newest && cells.reduce((sum, cell) => sum + paintingMs(cell.request, newest), 0);
    return { count: cells.length, ...(ms !== undefined && { ms }) };
  } catch (thrown) {
    return { problem: errorText(thrown) };
  }
}

const KINDS = { model: ['model'], vae: VAE_KINDS } as const;

const recordsOf = (kind: keyof typeof KINDS) =>
  entriesOf(KINDS[kind], useLibrary.getState()).map(({ record }) => record);
const idOf = (kind: keyof typeof KINDS, name: string) => recordsOf(kind).find((record) => record.name === name)?.id;

/** What a plot's values may call by name. */
function plotNames(): PlotNames {
  const { styles, chosen } = useStyles.getState();
  const namesOf = (kind: keyof typeof KINDS) => recordsOf(kind).map(({ name }) => name);
  return {
    checkpoints: namesOf('model'),
    vaes: namesOf('vae'),
    styles: [...styles.values()],
    chosen: chosen.map((name) => styles.get(name)).filter((style) => style !== undefined),
  };
}

/**
 * Paints a plot of what the form says, after what already waits.
 * @returns false where it cannot be, as `plotOutlook` says
 */
export function paintPlot(axes: readonly Axis[], draw: DrawSeed = drawSeed): boolean {
  if ('problem' in plotOutlook(axes, useGallery.getState())) return false;
  const request = { ...currentRequest(useSettings.getState()), batchCount: 1 };
  enqueue(
    {
      request,
      sink: 'plot',
      pictures: (parent) => plotGrid(parent, plotCells(parent.request, axes, plotNames(), draw), idOf),
    },
    draw,
  );
  showLatest();
  return true;
}

/** Paints one cell of the last plot again; its new picture takes the place of the one before, which stays a result. */
export function paintCell(at: number): void {
  const { id, asked } = usePlot.getState();
  const cell = asked[at];
  if (!cell || id === undefined) return;
  const { request, model, vae } = cell;
  enqueue({ request, model, vae, sink: 'plot', cell: { plot: id, at } });
  showLatest();
}
