import { Tooltip } from 'radix-ui';
import { useEffect } from 'react';
import { usePreferences } from '../../store/preferences';
import { ResultStrip } from '../gallery/result-strip';
import { SettingsColumn } from '../settings/settings-column';
import { Stage } from '../stage/stage';
import { DropOverlay } from './drop-overlay';
import { Notices } from './notices';
import { Progress } from './progress';
import { TopBar } from './top-bar';
import { useShortcuts } from './use-shortcuts';
import { useTitle } from './use-title';
import './tokens.css';
import './base.css';
import './app.css';

/** The whole page: top bar, settings, stage, results. */
export function App() {
  const theme = usePreferences((state) => state.theme);
  const resultsOpen = usePreferences((state) => state.resultsOpen);
  useShortcuts();
  useTitle();
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  return (
    <Tooltip.Provider delayDuration={500}>
      <div className="app" data-results={resultsOpen ? '' : undefined}>
        <TopBar />
        <Progress />
        <SettingsColumn />
        <Stage />
        <ResultStrip />
      </div>
      <DropOverlay />
      <Notices />
    </Tooltip.Provider>
  );
}
