import { showResult, useGallery } from '../../store/gallery/gallery';
import type { ResultRecord } from '../../store/gallery/result-record';
import { texts } from '../../texts/stage';
import { PictureBar } from '../components/picture-bar';
import { subjectText } from '../components/subject-text';
import { usePicture, useResult } from '../gallery/use-result';
import './batch-grid.css';

/** All pictures of a batch, in the order they were painted in: one that is chosen takes the stage. */
export function BatchGrid({ ids }: { ids: readonly string[] }) {
  const first = useResult(ids[0])?.record;
  const unsaved = useGallery(({ results }) => ids.some((id) => results[id]?.saved === false));
  if (!first) return null;
  const columns = Math.ceil(Math.sqrt(ids.length));
  const style = {
    '--columns': columns,
    '--rows': Math.ceil(ids.length / columns),
    '--ratio': first.width / first.height,
  };
  return (
    <>
      <div className="stage-frame">
        <ul className="batch" style={style} aria-label={texts.batch}>
          {ids.map((id, at) => (
            <BatchPicture key={id} id={id} place={at + 1} />
          ))}
        </ul>
        {unsaved && <p className="stage-note stage-unsaved">{texts.batchNotSaved}</p>}
      </div>
      <PictureBar>
        <BatchFacts record={first} count={ids.length} />
      </PictureBar>
    </>
  );
}

function BatchPicture({ id, place }: { id: string; place: number }) {
  const result = useResult(id);
  const picture = usePicture(result);
  return (
    <li>
      <button
        type="button"
        className="batch-picture"
        aria-label={texts.showPicture(place)}
        onClick={() => showResult(id)}
      >
        {result && <img src={picture?.url ?? result.thumbnail} alt="" draggable={false} />}
      </button>
    </li>
  );
}

function BatchFacts({ record, count }: { record: ResultRecord; count: number }) {
  const { request, width, height } = record;
  return (
    <div className="stage-facts">
      <p className="stage-prompt">{subjectText(request)}</p>
      <p>{texts.batchFacts(count, width, height)}</p>
    </div>
  );
}
