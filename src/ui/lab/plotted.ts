import { useEffect } from 'react';

/** One line of a plot, or one point's way. */
export interface Series {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
}

/** How the drawing library finds a point's places. */
export const AT = { x: ([x]: readonly number[]) => x, y: ([, y]: readonly number[]) => y } as const;

const plots = new Map<string, readonly Series[]>();

/** What every plot on the page draws just now, by the plot's name; the browser tests read it. */
export function plotted(): Record<string, readonly Series[]> {
  return Object.fromEntries(plots);
}

/** Notes what a plot draws, for as long as it does. */
export function usePlotted(plot: string, series: readonly Series[]): void {
  useEffect(() => {
    plots.set(plot, series);
    return () => {
      plots.delete(plot);
    };
  }, [plot, series]);
}
