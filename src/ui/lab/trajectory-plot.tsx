import { contour, dot, line } from '@observablehq/plot';
import { useCallback, useMemo } from 'react';
import {
  FOUR_CLOUDS,
  mixtureDensity,
  nearestComponent,
  type Trajectories,
} from '../../core/diffusion/theory/trajectories';
import { texts } from '../../texts/lab';
import { Figure } from './figure';
import { AT, usePlotted } from './plotted';

interface TrajectoryPlotProps {
  /** What the tests know it by. */
  name: string;
  label: string;
  trajectories: Trajectories;
}

/** How far up and down the plane is drawn; a third more to the sides. Pure noise seldom goes farther. */
const REACH = 2.4;
const SIDEWAYS = (REACH * 4) / 3;
/** Of the highest density, where the contours stand. */
const LEVELS = [0.03, 0.1, 0.25, 0.5, 0.75];
const HIGHEST = Math.max(...FOUR_CLOUDS.means.map((mean) => mixtureDensity(mean, FOUR_CLOUDS)));

const first = <T,>(path: readonly T[]) => path[0];
const last = <T,>(path: readonly T[]) => path[path.length - 1];

/**
 * The ways of many points through the plane over the contours of the distribution, coloured by the cloud they end in.
 */
export function TrajectoryPlot({ name, label, trajectories }: TrajectoryPlotProps) {
  const { paths } = trajectories;
  const series = useMemo(() => paths.map((points, i) => ({ name: texts.point(i + 1), points })), [paths]);
  usePlotted(name, series);
  const draw = useCallback(
    (width: number) => {
      const colours = paths.map((path) => `var(--line-${nearestComponent(last(path), FOUR_CLOUDS)})`);
      const fade = Math.max(0.3, Math.min(0.8, 20 / paths.length));
      return {
        height: 0.75 * width,
        margin: 0,
        x: { domain: [-SIDEWAYS, SIDEWAYS], axis: null },
        y: { domain: [-REACH, REACH], axis: null },
        marks: [
          contour({
            x1: -SIDEWAYS,
            x2: SIDEWAYS,
            y1: -REACH,
            y2: REACH,
            value: (x: number, y: number) => mixtureDensity([x, y], FOUR_CLOUDS),
            thresholds: LEVELS.map((level) => level * HIGHEST),
            fill: 'currentColor',
            fillOpacity: 0.06,
            stroke: 'currentColor',
            strokeOpacity: 0.3,
            pixelSize: 3,
          }),
          ...series.map(({ points }, i) =>
            line(points, { ...AT, stroke: colours[i], strokeWidth: 1.1, strokeOpacity: fade, clip: true }),
          ),
          dot(paths.map(first), { ...AT, r: 2, stroke: 'currentColor', strokeOpacity: 0.7, strokeWidth: 1 }),
          dot(paths.map(last), { ...AT, r: 3, fill: (_: unknown, i: number) => colours[i] }),
        ],
      };
    },
    [paths, series],
  );
  return <Figure label={label} colours={FOUR_CLOUDS.means.length} draw={draw} />;
}
