import { Tooltip } from 'radix-ui';
import { useEffect } from 'react';
import { usePreferences } from '../../store/settings/preferences';
import { texts } from '../../texts/app';
import { ImportsPanel } from '../models/imports-panel';
import { DropOverlay } from './drop-overlay';
import { Notices } from './notices';
import { Progress } from './progress';
import { StorageBar } from './storage-bar';
import { TopBar } from './top-bar';
import { useLaunch } from './use-launch';
import { usePaste } from './use-paste';
import { useShortcuts } from './use-shortcuts';
import { useTitle } from './use-title';
import { ViewStack } from './view-stack';
import './tokens.css';
import './base.css';
import './app.css';
import './forced-colors.css';

interface AppProps {
  /** Called when the page stands and answers. */
  onShown(): void;
}

/** Past the top bar, to where a person begins; views without a prompt have their own first thing. */
function focusPrompt(): void {
  const view = document.querySelector('.view[data-current]');
  view?.querySelector<HTMLElement>('[data-field="prompt"], main button, main input')?.focus();
}

/** Where there are keys: on a touch screen its keyboard would cover the page. */
function focusPromptAtFirst(): void {
  const hasKeys = window.matchMedia('(hover: hover) and (pointer: fine)').matches;
  const prompt = document.querySelector<HTMLElement>('.view[data-current] [data-field="prompt"]');
  const isPaint = prompt?.closest('.view')?.querySelector('.stage') !== null;
  if (hasKeys && isPaint && document.activeElement === document.body) prompt?.focus({ preventScroll: true });
}

/** The whole page: the top bar, and the view that it chose. */
export function App({ onShown }: AppProps) {
  const theme = usePreferences((state) => state.theme);
  useShortcuts();
  usePaste();
  useLaunch();
  useTitle();
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  useEffect(focusPromptAtFirst, []);
  useEffect(() => {
    const timer = setTimeout(onShown); // after all that the first showing sets off
    return () => clearTimeout(timer);
  }, [onShown]);
  return (
    <Tooltip.Provider delayDuration={500}>
      <button type="button" className="skip-link" onClick={focusPrompt}>
        {texts.skipToThePrompt}
      </button>
      <div className="app">
        <TopBar />
        <Progress />
        <StorageBar />
        <ViewStack />
      </div>
      <ImportsPanel />
      <DropOverlay />
      <Notices />
    </Tooltip.Provider>
  );
}
