import { isCanvasUsed } from '../../store/canvas/canvas';
import { paintedFrom } from '../../store/canvas/suit-canvas';
import { paintCanvas } from '../../store/jobs/canvas-paint';
import { usePreferences } from '../../store/settings/preferences';
import { texts } from '../../texts/canvas';
import { ResultStrip } from '../gallery/result-strip';
import { LiveCorner } from '../live/live-corner';
import { SettingsColumn } from '../settings/settings-column';
import { SettingsGroups } from '../settings/settings-groups';
import { ProblemCard } from '../stage/problem-card';
import { BottomBar } from './bottom-bar';
import { Candidates } from './candidates';
import { CanvasWelcome } from './canvas-welcome';
import { FrameSize } from './frame-size';
import { GivenPictureSettings } from './given-picture-settings';
import { LivePreview } from './live-preview';
import { OptionsBar } from './options-bar';
import { Surface } from './surface';
import { ToolBar } from './tool-bar';
import { useCanvas } from './use-canvas';
import { useFrameUse } from './use-frame-use';
import '../app/paint-view.css';
import './canvas.css';

/** Where pictures are changed: settings, the canvas with its tools, results. */
export default function CanvasView() {
  const resultsOpen = usePreferences((state) => state.resultsOpen);
  const used = useCanvas(isCanvasUsed);
  const from = paintedFrom(useFrameUse());
  return (
    <div className="paint" data-results={resultsOpen ? '' : undefined}>
      <SettingsColumn paint={paintCanvas} from={from}>
        <GivenPictureSettings />
        <SettingsGroups size={<FrameSize />} from={from} />
      </SettingsColumn>
      <main className="canvas" aria-label={texts.canvas}>
        {used ? (
          <>
            <OptionsBar />
            <ToolBar />
            <div className="canvas-well">
              <Surface />
              <LivePreview />
              <Candidates />
              <LiveCorner />
            </div>
            <BottomBar />
          </>
        ) : (
          <CanvasWelcome />
        )}
        <ProblemCard />
      </main>
      <ResultStrip />
    </div>
  );
}
