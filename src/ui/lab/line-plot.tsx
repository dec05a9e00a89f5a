import { dot, gridX, gridY, line, pointer, ruleX, tip } from '@observablehq/plot';
import { useCallback, useMemo } from 'react';
import { lineClass, lineDashes, MAIN_DASHES } from './colours';
import { Figure, type Pointed } from './figure';
import { formatSignificant } from './format-significant';
import { Legend } from './legend';
import { NumbersTable } from './numbers-table';
import { AT, type Series, usePlotted } from './plotted';
import { useSeriesChoice } from './series-choice';

interface Axis {
  label: string;
  log?: boolean;
}

interface LinePlotProps {
  /** What the tests know it by. */
  name: string;
  label: string;
  x: Axis;
  y: Axis;
  /** The same array as long as nothing in it changes. */
  series: readonly Series[];
  /** The line that stands out, by name. */
  main?: string;
  /** Draws that line in long dashes, through which one that runs along it is seen. */
  dashMain?: boolean;
  /** The lines that are shown at first, by name; all where left out. */
  first?: readonly string[];
  /** Marks each number with a dot. */
  dots?: boolean;
}

/** Lines over one axis, a legend that shows and hides them, and their numbers on demand. */
export function LinePlot({ name, label, x, y, series, main, dashMain, first, dots = false }: LinePlotProps) {
  const names = useMemo(() => series.map((one) => one.name), [series]);
  const choice = useSeriesChoice(names, first);
  const shown = names.filter(choice.isShown).join('\n');
  const drawn = useMemo(() => series.filter((one) => shown.split('\n').includes(one.name)), [series, shown]);
  usePlotted(name, drawn);
  const { pointed } = choice;
  const [xLabel, xLog, yLabel, yLog] = [x.label, x.log, y.label, y.log];
  const draw = useCallback(
    (width: number) => {
      const axes = { x: { label: xLabel, log: xLog }, y: { label: yLabel, log: yLog } };
      return plotOf({ ...axes, drawn, names, main, dashMain, pointed, dots }, width);
    },
    [drawn, names, pointed, main, dashMain, dots, xLabel, xLog, yLabel, yLog],
  );
  return (
    <>
      <Figure label={label} colours={names.length} draw={draw} />
      <Legend names={names} choice={choice} dashed={dashMain ? main : undefined} />
      <NumbersTable x={xLabel} series={drawn} />
    </>
  );
}

interface Lines {
  x: Axis;
  y: Axis;
  /** Those that are shown, of all that `names` names. */
  drawn: readonly Series[];
  names: readonly string[];
  main: string | undefined;
  dashMain: boolean | undefined;
  /** The line that a person points at in the legend. */
  pointed: string | undefined;
  dots: boolean;
}

/** A number that can be read, and whose it is. */
interface PointedRow extends Pointed {
  px: number;
  py: number;
  name: string;
}

/** How near a pointer must be to a number to read it: between two of them, too. */
const POINT_REACH_PX = 160;

/** Lines as Plot draws them, in so many pixels. */
function plotOf(lines: Lines, width: number) {
  const { x, y } = lines;
  return {
    height: Math.min(340, Math.max(220, width * 0.5)),
    marginLeft: y.log ? 64 : 52, // "0.000001"
    marginBottom: 38,
    x: { label: x.label, type: x.log ? ('log' as const) : ('linear' as const), nice: false },
    y: {
      label: y.label,
      type: y.log ? ('log' as const) : ('linear' as const),
      tickFormat: y.log ? formatSignificant : undefined,
      nice: !y.log,
    },
    marks: marksOf(lines),
  };
}

function marksOf({ x, y, drawn, names, main, dashMain, pointed, dots }: Lines) {
  // A logarithm has no place for 0.
  const visible = (one: Series) => one.points.filter(([px, py]) => (!x.log || px > 0) && (!y.log || py > 0));
  // The main line lies on top, also where another runs along it.
  const ordered = [...drawn.filter((one) => one.name !== main), ...drawn.filter((one) => one.name === main)];
  const classOf = (one: Series) => lineClass(names.indexOf(one.name));
  const rows: PointedRow[] = drawn.flatMap((one) =>
    visible(one).map(([px, py]) => ({ px, py, name: one.name, line: classOf(one) })),
  );
  const dashes = (one: Series) =>
    dashMain && one.name === main ? MAIN_DASHES : lineDashes(names.indexOf(one.name), names.length);
  const colour = (one: Series) => `var(--line-${names.indexOf(one.name)})`;
  const weight = (one: Series) => (one.name === (pointed ?? main) ? 3 : 1.75);
  const faded = (one: Series) => pointed !== undefined && one.name !== pointed && names.includes(pointed);
  return [
    gridX({ strokeOpacity: 0.08 }),
    gridY({ strokeOpacity: 0.12 }),
    ...ordered.map((one) =>
      line(visible(one), {
        ...AT,
        stroke: colour(one),
        strokeWidth: weight(one),
        strokeOpacity: faded(one) ? 0.2 : 1,
        strokeDasharray: dashes(one),
        className: classOf(one),
      }),
    ),
    ...(dots
      ? ordered.map((one) =>
          dot(visible(one), {
            ...AT,
            r: 2.5,
            fill: colour(one),
            fillOpacity: faded(one) ? 0.2 : 1,
            className: classOf(one),
          }),
        )
      : []),
    ruleX(rows, pointer({ x: 'px', py: 'py', maxRadius: POINT_REACH_PX, strokeOpacity: 0.25 })),
    tip(
      rows,
      pointer({
        x: 'px',
        y: 'py',
        maxRadius: POINT_REACH_PX,
        title: (row: PointedRow) =>
          `${row.name}\n${x.label} ${formatSignificant(row.px)}\n${y.label} ${formatSignificant(row.py)}`,
      }),
    ),
  ];
}
