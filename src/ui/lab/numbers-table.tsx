import { useState } from 'react';
import { texts } from '../../texts/lab';
import { formatSignificant } from './format-significant';
import type { Series } from './plotted';
import './numbers-table.css';

interface NumbersTableProps {
  /** Heads the first column. */
  x: string;
  series: readonly Series[];
}

/** What a plot draws, as numbers, when someone asks for them. */
export function NumbersTable({ x, series }: NumbersTableProps) {
  const [open, setOpen] = useState(false);
  return (
    <details className="numbers" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{texts.numbers}</summary>
      {open && <Table x={x} series={series} />}
    </details>
  );
}

function Table({ x, series }: NumbersTableProps) {
  const columns = series.map(({ name, points }) => ({ name, values: new Map(points) }));
  const rows = Array.from(new Set(series.flatMap(({ points }) => points.map(([at]) => at)))).sort((a, b) => a - b);
  return (
    // It scrolls, so the keyboard must be able to reach it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by Tab
    <section className="numbers-scroll" aria-label={texts.numbersOfThePlot} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{x}</th>
            {columns.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((at) => (
            <tr key={at}>
              <th scope="row">{formatSignificant(at)}</th>
              {columns.map(({ name, values }) => {
                const value = values.get(at);
                return <td key={name}>{value === undefined ? '' : formatSignificant(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
