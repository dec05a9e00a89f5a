import { FilePlus, ImagePlus } from 'lucide-react';
import { canvas } from '../../store/canvas/canvas';
import { useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/canvas';
import { PictureInput } from './picture-input';
import '../stage/welcome.css';

/** Before there is anything on the canvas: the ways to begin. */
export function CanvasWelcome() {
  const width = useSettings(({ values }) => values.width);
  const height = useSettings(({ values }) => values.height);
  return (
    <div className="welcome">
      <h2>{texts.whatToChange}</h2>
      <p>{texts.welcomeHelp}</p>
      <div className="canvas-begin">
        <PictureInput>
          {(choose) => (
            <button type="button" className="button" onClick={choose}>
              <ImagePlus size={16} aria-hidden="true" />
              {texts.openAPicture}
            </button>
          )}
        </PictureInput>
        <button type="button" className="button" onClick={() => canvas.openBlank({ width, height })}>
          <FilePlus size={16} aria-hidden="true" />
          {texts.blankCanvas(width, height)}
        </button>
      </div>
    </div>
  );
}
