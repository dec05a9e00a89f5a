import { FilePlus, ImagePlus } from 'lucide-react';
import { canvas } from '../../store/canvas/canvas';
import { useSettings } from '../../store/settings/settings';
import { PictureInput } from './picture-input';
import '../stage/welcome.css';

/** Before there is anything on the canvas: the ways to begin. */
export function CanvasWelcome() {
  const width = useSettings(({ values }) => values.width);
  const height = useSettings(({ values }) => values.height);
  return (
    <div className="welcome">
      <h2>What would you like to change?</h2>
      <p>
        Drop a picture on the page, paste one, or take one of your results. Paint over what should be different, say
        what it should be, and press Generate. It stays on this device.
      </p>
      <div className="canvas-begin">
        <PictureInput>
          {(choose) => (
            <button type="button" className="button" onClick={choose}>
              <ImagePlus size={16} aria-hidden="true" />
              Open a picture…
            </button>
          )}
        </PictureInput>
        <button type="button" className="button" onClick={() => canvas.openBlank({ width, height })}>
          <FilePlus size={16} aria-hidden="true" />
          Blank canvas, {width} × {height}
        </button>
      </div>
    </div>
  );
}
