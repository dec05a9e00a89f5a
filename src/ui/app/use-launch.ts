import { useEffect } from 'react';
import { takeLaunch } from '../../store/imports/launch';
import { showView } from './show-view';

/** Takes up the files and shares that the installed page is opened with. */
export function useLaunch(): void {
  useEffect(() => {
    void takeLaunch(() => showView('canvas'));
  }, []);
}
