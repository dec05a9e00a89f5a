import { Monitor, Moon, PanelRight, Sun } from 'lucide-react';
import { setTheme, THEMES, type Theme, toggleResults, usePreferences } from '../../store/settings/preferences';
import { texts } from '../../texts/app';
import { IconButton } from '../components/icon-button';
import { DeviceChip } from '../models/device-chip';
import { ModelMenu } from '../models/model-menu';
import { Announcer } from '../stage/announcer';
import { InstallButton } from './install-button';
import { ShortcutsHelp } from './shortcuts-help';
import { ViewLinks } from './view-links';
import { useView } from './views';
import './top-bar.css';

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon } as const;
const THEME_NAMES: Readonly<Record<Theme, string>> = {
  system: texts.themeSystem,
  light: texts.themeLight,
  dark: texts.themeDark,
};

export function TopBar() {
  const theme = usePreferences((state) => state.theme);
  const resultsOpen = usePreferences((state) => state.resultsOpen);
  const view = useView();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  return (
    <header className="top-bar">
      <h1 className="top-bar-name">
        <span className="top-bar-mark" aria-hidden="true" />
        {texts.title}
      </h1>
      <ViewLinks />
      <ModelMenu />
      <span className="top-bar-space" />
      <DeviceChip />
      <ShortcutsHelp />
      <InstallButton />
      <IconButton
        icon={THEME_ICONS[theme]}
        label={texts.theme(THEME_NAMES[theme], THEME_NAMES[next])}
        onClick={() => setTheme(next)}
      />
      {(view.id === 'paint' || view.id === 'canvas') && (
        <IconButton icon={PanelRight} label={texts.results} pressed={resultsOpen} onClick={toggleResults} />
      )}
      <Announcer />
    </header>
  );
}
