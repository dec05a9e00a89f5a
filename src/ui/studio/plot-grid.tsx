import { Download, RotateCcw } from 'lucide-react';
import { showResult } from '../../store/gallery/gallery';
import { useJobs } from '../../store/jobs/jobs';
import { paintCell } from '../../store/jobs/paint-plot';
import { usePlot } from '../../store/jobs/plot';
import { savePlot } from '../../store/jobs/plot-picture';
import { texts } from '../../texts/studio';
import { IconButton } from '../components/icon-button';
import { PictureBar } from '../components/picture-bar';
import { saveFile } from '../components/save-file';
import { usePicture, useResult } from '../gallery/use-result';
import './plot-grid.css';

/** A plot with its legends, its cells filling as they come: each is a result, and can be painted again. */
export function PlotGrid() {
  const { plot, cells } = usePlot();
  const [x, y, z] = [0, 1, 2].map((at) => keyed(plot.axes[at]?.values ?? ['']));
  const done = cells.filter((id) => id !== undefined).length;
  return (
    <>
      <section className="plot" aria-label={texts.plot}>
        {z.map(({ key, at: iz, text: ofZ }) => (
          <table key={key} className="plot-table" style={{ '--columns': x.length }}>
            {ofZ !== '' && <caption>{ofZ}</caption>}
            <thead>
              <tr>
                <td />
                {x.map(({ key, text: ofX }) => (
                  <th key={key} scope="col">
                    {ofX}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {y.map(({ key, at: iy, text: ofY }) => (
                <tr key={key}>
                  <th scope="row">{ofY}</th>
                  {x.map(({ key, at: ix, text: ofX }) => (
                    <td key={key}>
                      <Cell
                        at={ix + x.length * (iy + y.length * iz)}
                        name={[ofX, ofY, ofZ].filter((text) => text !== '').join(', ')}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        ))}
      </section>
      <PictureBar>
        <p>{texts.plotDone(done, cells.length)}</p>
        <IconButton
          icon={Download}
          label={texts.savePlot}
          disabled={done === 0}
          onClick={() => void savePlot((file) => saveFile(file, 'plot.png'))}
        />
      </PictureBar>
    </>
  );
}

/** Values by their places: the same may stand on an axis twice. */
const keyed = (values: readonly string[]) => values.map((text, at) => ({ key: `${at} ${text}`, at, text }));

function Cell({ at, name }: { at: number; name: string }) {
  const id = usePlot(({ cells }) => cells[at]);
  const isKnown = usePlot(({ asked }) => asked[at] !== undefined);
  const result = useResult(id ?? '');
  const picture = usePicture(result);
  const isPainting = useJobs(({ painting }) => painting?.job.cell?.at === at);
  return (
    <div className="plot-cell" data-painting={isPainting || undefined}>
      {result && id !== undefined ? (
        <button type="button" aria-label={texts.showCell(name)} onClick={() => showResult(id)}>
          <img src={picture?.url ?? result.thumbnail} alt="" draggable={false} />
        </button>
      ) : (
        <span>{isPainting ? texts.paintingCell : ''}</span>
      )}
      {isKnown && <IconButton icon={RotateCcw} label={texts.cellAgain(name)} onClick={() => paintCell(at)} />}
    </div>
  );
}
