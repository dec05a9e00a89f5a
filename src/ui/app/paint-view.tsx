import { paint } from '../../store/jobs/paint';
import { usePreferences } from '../../store/settings/preferences';
import { ResultStrip } from '../gallery/result-strip';
import { SettingsColumn } from '../settings/settings-column';
import { SettingsGroups } from '../settings/settings-groups';
import { Stage } from '../stage/stage';
import './paint-view.css';

/** Where pictures are painted: settings, stage, results. */
export function PaintView() {
  const resultsOpen = usePreferences((state) => state.resultsOpen);
  return (
    <div className="paint" data-results={resultsOpen ? '' : undefined}>
      <SettingsColumn paint={paint} from="words">
        <SettingsGroups />
      </SettingsColumn>
      <Stage />
      <ResultStrip />
    </div>
  );
}
