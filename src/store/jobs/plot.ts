import { create } from 'zustand';
import type { Plot } from '../../core/request/axes';
import type { Grid } from '../../jobs/grid';
import type { Job } from '../../jobs/job';

interface PlotState {
  /** The job whose pictures its cells are. */
  id: string | undefined;
  plot: Plot;
  /** Ids of the results by cell, the first axis first; those that are not painted are undefined. */
  cells: readonly (string | undefined)[];
  /** What each cell is painted with, where it is known. */
  asked: readonly (Pick<Job, 'request' | 'model' | 'vae'> | undefined)[];
}

/** The last plot, or the one that is being painted. */
export const usePlot = create<PlotState>(() => ({ id: undefined, plot: { axes: [] }, cells: [], asked: [] }));

/** A plot's cells begin to come; one cell that is painted again leaves the others. */
export function beginPlot({ parent, children, of }: Grid): void {
  const { plot, cell } = parent;
  if (!plot || cell) return;
  const asked: (Job | undefined)[] = Array.from({ length: of });
  for (const child of children) if (child.cell) asked[child.cell.at] = child;
  usePlot.setState({ id: parent.id, plot, cells: Array.from({ length: of }), asked });
}

/** A cell's picture is among the results. */
export function addCell({ cell, parent }: Job, result: string): void {
  usePlot.setState(({ id, cells }) =>
    cell && (cell.plot ?? parent) === id ? { cells: cells.with(cell.at, result) } : {},
  );
}
