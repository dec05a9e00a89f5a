import { useMemo } from 'react';
import { useEngine } from '../../store/engine';
import { BOUND_TIMESTEPS, computeBound, useEmblemBounds } from '../../store/jobs/emblem-bounds';
import { texts } from '../../texts/lab';
import measured from './emblems.json';
import { formatSignificant } from './format-significant';
import { LinePlot } from './line-plot';
import type { Series } from './plotted';

const VARIANCES: Readonly<Record<string, string>> = {
  small: texts.smallVariance,
  large: texts.largeVariance,
  learned: texts.learnedVariance,
};
const DRAWINGS: Readonly<Record<string, string>> = { heldOut: texts.heldOut, trainedOn: texts.trainedOn };

const nameOf = ({ variance, drawings }: { variance: string; drawings: string }) =>
  texts.boundOf(VARIANCES[variance], DRAWINGS[drawings]);

/** A chain's steps are counted from 1 on paper, and a logarithmic axis has no 0. */
const line = (name: string, timesteps: readonly number[], terms: readonly number[]): Series => ({
  name,
  points: timesteps.map((t, i) => [t + 1, terms[i]] as const),
});

const MEASURED: readonly Series[] = measured.bounds.map((bound) =>
  line(nameOf(bound), measured.timesteps, bound.terms),
);

const FIRST = measured.bounds.filter(({ drawings }) => drawings === 'heldOut').map(nameOf);

/**
 * The terms of the variational bound, as they were measured and as the page computes them.
 * @param open the class that is chosen, while the example is open
 */
export function BoundPlot({ open }: { open: { label: number; name: string } | undefined }) {
  const bounds = useEmblemBounds((state) => state.bounds);
  const names = useEngine(({ model }) => model?.info.classNames);
  const computed = useMemo(
    () =>
      bounds.map(({ label, terms }) =>
        line(texts.computedHere(names?.[label] ?? String(label)), BOUND_TIMESTEPS, terms),
      ),
    [bounds, names],
  );
  const series = useMemo(() => [...MEASURED, ...computed], [computed]);
  return (
    <div className="bound">
      <h4>{texts.boundByTimestep}</h4>
      <p className="lab-description">{texts.boundHelp}</p>
      {open && <ComputeButton {...open} />}
      <LinePlot
        name="bound"
        label={texts.boundLabel(series.length)}
        x={{ label: texts.timestepOfChain, log: true }}
        y={{ label: texts.bitsPerDimension, log: true }}
        series={series}
        first={[...FIRST, ...computed.map(({ name }) => name)]}
      />
      <Totals />
      {computed.length > 0 && <p className="lab-note">{texts.computedNote}</p>}
    </div>
  );
}

function ComputeButton({ label, name }: { label: number; name: string }) {
  const computing = useEmblemBounds((state) => state.computing);
  return (
    <div className="lab-controls">
      <button type="button" className="button" disabled={computing} onClick={() => void computeBound(label)}>
        {computing ? texts.computing : texts.computeHere(name)}
      </button>
    </div>
  );
}

/** The whole bounds, with the terms at both ends of the chain. */
function Totals() {
  return (
    <table className="bound-totals">
      <thead>
        <tr>
          <th scope="col">{texts.bitsPerDimension}</th>
          <th scope="col">{texts.wholeBound}</th>
          <th scope="col">{texts.firstTerm}</th>
          <th scope="col">{texts.priorTerm}</th>
        </tr>
      </thead>
      <tbody>
        {measured.bounds.map((bound) => (
          <tr key={nameOf(bound)}>
            <th scope="row">{nameOf(bound)}</th>
            {[bound.total, bound.terms[0], bound.prior].map((bits, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the columns stay as they are
              <td key={i}>{formatSignificant(bits)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
