import { dot, gridX, gridY, line, pointer, ruleX, tip } from '@observablehq/plot';
import { useCallback, useMemo } from 'react';
import { lineDashes } from './colours';
import { Figure } from './figure';
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
  /** Marks each number with a dot. */
  dots?: boolean;
}

/** Lines over one axis, a legend that shows and hides them, and their numbers on demand. */
export function LinePlot({ name, label, x, y, series, main, dots = false }: LinePlotProps) {
  const names = useMemo(() => series.map((one) => one.name), [series]);
  const choice = useSeriesChoice(names);
  const shown = names.filter(choice.isShown).join('\n');
  const drawn = useMemo(() => series.filter((one) => shown.split('\n').includes(one.name)), [series, shown]);
  usePlotted(name, drawn);
  const { pointed } = choice;
  const [xLabel, xLog, yLabel, yLog] = [x.label, x.log, y.label, y.log];
  const draw = useCallback(
    (width: number) => {
      const axes = { x: { label: xLabel, log: xLog }, y: { label: yLabel, log: yLog } };
      return plotOf({ ...axes, drawn, names, main, pointed, dots }, width);
    },
    [drawn, names, pointed, main, dots, xLabel, xLog, yLabel, yLog],
  );
  return (
    <>
      <Figure label={label} colours={names.length} draw={draw} />
      <Legend names={names} choice={choice} />
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
  /** The line that a person points at in the legend. */
  pointed: string | undefined;
  dots: boolean;
}

/** Lines as Plot draws them, in so many pixels. */
function plotOf(lines: Lines, width: number) {
  const { x, y } = lines;
  return {
    height: Math.min(340, Math.max(220, width * 0.5)),
    marginLeft: 52,
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

function marksOf({ x, y, drawn, names, main, pointed, dots }: Lines) {
  // A logarithm has no place for 0.
  const visible = (one: Series) => one.points.filter(([px, py]) => (!x.log || px > 0) && (!y.log || py > 0));
  // The main line lies on top, also where another runs along it.
  const ordered = [...drawn.filter((one) => one.name !== main), ...drawn.filter((one) => one.name === main)];
  const rows = drawn.flatMap((one) => visible(one).map(([px, py]) => ({ px, py, name: one.name })));
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
        strokeDasharray: lineDashes(names.indexOf(one.name), names.length),
      }),
    ),
    ...(dots
      ? ordered.map((one) => dot(visible(one), { ...AT, r: 2.5, fill: colour(one), fillOpacity: faded(one) ? 0.2 : 1 }))
      : []),
    ruleX(rows, pointer({ x: 'px', py: 'py', strokeOpacity: 0.25 })),
    tip(
      rows,
      pointer({
        x: 'px',
        y: 'py',
        title: (row: (typeof rows)[number]) =>
          `${row.name}\n${x.label} ${formatSignificant(row.px)}\n${y.label} ${formatSignificant(row.py)}`,
      }),
    ),
  ];
}
