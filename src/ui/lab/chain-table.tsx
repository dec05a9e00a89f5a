import { type Chain, type ChainStart, chainOf, useChains, type Way } from '../../store/jobs/chains';
import { useJobs } from '../../store/jobs/jobs';
import { paintChains } from '../../store/jobs/paint-chains';
import { labelOfChoice } from '../../texts/fields';
import { texts } from '../../texts/lab';
import { PixelsCanvas } from '../components/pixels-canvas';
import { SAMPLERS, STEPS } from './chain-ways';
import measured from './emblems.json';

interface ChainTableProps {
  start: ChainStart;
  shown: Way | undefined;
  onShow(way: Way): void;
}

/** DDPM against DDIM, in all steps and in few; each picture shows its way when it is pressed. */
export function ChainTable({ start, shown, onShow }: ChainTableProps) {
  return (
    <table className="chains" aria-label={texts.chains}>
      <thead>
        <tr>
          <td />
          {STEPS.map((steps) => (
            <th key={steps} scope="col">
              {texts.inSteps(steps)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {SAMPLERS.map((sampler) => (
          <tr key={sampler}>
            <th scope="row">{labelOfChoice('sampler', sampler)}</th>
            {STEPS.map((steps) => (
              <td key={steps}>
                <ChainCell
                  way={{ sampler, steps }}
                  start={start}
                  isShown={shown?.sampler === sampler && shown.steps === steps}
                  onShow={onShow}
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface ChainCellProps {
  way: Way;
  start: ChainStart;
  isShown: boolean;
  onShow(way: Way): void;
}

/** One way: its picture, or what paints it. */
function ChainCell({ way, start, isShown, onShow }: ChainCellProps) {
  const { sampler, steps } = way;
  const chain = useChains((state) => chainOf(way, state));
  const waits = useJobs(({ waiting }) =>
    waiting.some(({ parent, children }) => parent.sink === 'chain' && children.some((child) => isBy(way, child))),
  );
  const name = labelOfChoice('sampler', sampler);
  const right = namedRight(way);
  return (
    <figure className="chain">
      {chain && chain.frames.length > 0 ? (
        <button
          type="button"
          className="chain-picture"
          aria-label={texts.showChain(name, steps)}
          aria-pressed={isShown}
          onClick={() => onShow(way)}
        >
          <ChainPicture chain={chain} />
        </button>
      ) : (
        <button
          type="button"
          className="chain-picture chain-missing"
          aria-label={texts.paintBy(name, steps)}
          disabled={waits || chain !== undefined}
          onClick={() => paintChains([way], start)}
        >
          {waits ? texts.waits : texts.paintIt}
        </button>
      )}
      <figcaption>
        {sampler === 'ddpm' && <span>{steps === STEPS[0] ? texts.algorithm2 : texts.strided}</span>}
        {right !== undefined && <span>{texts.namedRight(right)}</span>}
      </figcaption>
    </figure>
  );
}

const isBy = ({ sampler, steps }: Way, { request }: { request: { sampler: string; steps: number } }) =>
  request.sampler === sampler && request.steps === steps;

/** How many of its pictures were named right, in per cent, where that was measured. */
function namedRight({ sampler, steps }: Way): number | undefined {
  const painted: Readonly<Record<string, Readonly<Record<string, { 'top-1': number }>>>> = measured.painted;
  return painted[sampler]?.[steps]?.['top-1'];
}

/** The picture once it is there, until then what the model believes it to be. */
function ChainPicture({ chain: { frames, picture, steps } }: { chain: Chain }) {
  if (picture) return <img src={picture.url} alt="" />;
  const last = frames[frames.length - 1];
  return (
    <>
      <PixelsCanvas image={last.denoised} />
      <span aria-hidden="true">{texts.stepOf(last.step, steps)}</span>
    </>
  );
}
