import { useEffect } from 'react';
import { paintingOf, useEngine } from '../../store/engine';

/** The tab's title counts the steps, for people who wait in another tab. */
export function useTitle(): void {
  const steps = useEngine(({ status }) => {
    const painting = paintingOf(status);
    return painting && `${painting.step} / ${painting.of}`;
  });
  useEffect(() => {
    document.title = steps === undefined ? 'Easel' : `${steps} · Easel`;
  }, [steps]);
}
