import { contour, dot, line } from '@observablehq/plot';
import { useCallback, useMemo } from 'react';
import { FOUR_CLOUDS, mixtureDensity, nearestComponent, type Trajectories } from '../../core/diffusion/trajectories';
import { Figure } from './figure';
import { usePlotted } from './plotted';

interface TrajectoryPlotProps {
  /** What the tests know it by. */
  name: string;
  label: string;
  trajectories: Trajectories;
}

/** Half of the plane's side that is drawn: pure noise seldom goes farther. */
const REACH = 3;
/** Of the highest density, where the contours stand. */
const LEVELS = [0.03, 0.1, 0.25, 0.5, 0.75];
const HIGHEST = Math.max(...FOUR_CLOUDS.means.map((mean) => mixtureDensity(mean, FOUR_CLOUDS)));

const first = <T,>(path: readonly T[]) => path[0];
const last = <T,>(path: readonly T[]) => path[path.length - 1];

/** The ways of many points through the plane over the contours of the distribution, coloured by the cloud they end in. */
export function TrajectoryPlot({ name, label, trajectories }: TrajectoryPlotProps) {
  const { paths } = trajectories;
  const series = useMemo(() => paths.map((points, i) => ({ name: `Point ${i + 1}`, points })), [paths]);
  usePlotted(name, series);
  const draw = useCallback(
    (width: number) => {
      const colours = paths.map((path) => `var(--line-${nearestComponent(last(path), FOUR_CLOUDS)})`);
      const fade = Math.max(0.3, Math.min(0.8, 20 / paths.length));
      return {
        height: width,
        margin: 12,
        x: { domain: [-REACH, REACH], axis: null },
        y: { domain: [-REACH, REACH], axis: null },
        clip: true,
        marks: [
          contour({
            x1: -REACH,
            x2: REACH,
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
            line(points, { x: 0, y: 1, stroke: colours[i], strokeWidth: 1.1, strokeOpacity: fade, clip: true }),
          ),
          dot(paths.map(first), { x: 0, y: 1, r: 2, stroke: 'currentColor', strokeOpacity: 0.7, strokeWidth: 1 }),
          dot(paths.map(last), { x: 0, y: 1, r: 3, fill: (_: unknown, i: number) => colours[i] }),
        ],
      };
    },
    [paths, series],
  );
  return <Figure label={label} colours={FOUR_CLOUDS.means.length} draw={draw} />;
}
