import { Brush, Download } from 'lucide-react';
import { useState } from 'react';
import { openOnCanvas } from '../../store/canvas/canvas';
import { useWalk } from '../../store/jobs/walk';
import { texts } from '../../texts/lab';
import { showView } from '../app/show-view';

/** The pictures of the last walk in their order; a chosen one stands large above its download. */
export function WalkStrip({ running }: { running: boolean }) {
  const { of, pictures } = useWalk();
  const [chosen, setChosen] = useState<string>();
  if (of === 0) return null;
  const percent = (i: number) => `${Math.round((100 * i) / (of - 1))} %`;
  const at = pictures.findIndex(({ url }) => url === chosen);
  const large = pictures[at];
  const missing = running ? of - pictures.length : 0;
  return (
    <>
      <ol className="walk" aria-label={texts.picturesOfTheWalk}>
        {pictures.map(({ picture, url }, i) => (
          <li key={url}>
            <button
              type="button"
              className="walk-picture"
              aria-label={texts.pictureAt(percent(i))}
              aria-pressed={url === chosen}
              onClick={() => setChosen(url === chosen ? undefined : url)}
            >
              <img src={url} alt="" width={picture.width} height={picture.height} />
              <span aria-hidden="true">{percent(i)}</span>
            </button>
          </li>
        ))}
        {Array.from({ length: missing }, (_, i) => (
          <li key={percent(pictures.length + i)} className="walk-missing">
            {percent(pictures.length + i)}
          </li>
        ))}
      </ol>
      {large && (
        <figure className="walk-large">
          <img
            src={large.url}
            alt={texts.theWalkAt(percent(at), large.picture.request.prompt)}
            width={large.picture.width}
            height={large.picture.height}
          />
          <figcaption>
            <p>{texts.ofTheWalk(percent(at))}</p>
            <a className="button" href={large.url} download={`walk-${String(at + 1).padStart(2, '0')}-of-${of}.png`}>
              <Download size={16} aria-hidden="true" />
              {texts.download}
            </a>
            <EditOnCanvas picture={large.picture.png} />
            <pre>{large.picture.parameters}</pre>
          </figcaption>
        </figure>
      )}
    </>
  );
}

/** A picture between two seeds has no seed of its own, so no settings paint it again: it goes on as a picture. */
function EditOnCanvas({ picture }: { picture: Blob }) {
  const edit = async () => {
    if (await openOnCanvas(picture, texts.thePicture)) showView('canvas');
  };
  return (
    <button type="button" className="button" onClick={() => void edit()}>
      <Brush size={16} aria-hidden="true" />
      {texts.editOnTheCanvas}
    </button>
  );
}
