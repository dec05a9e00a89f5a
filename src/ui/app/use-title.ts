import { useEffect } from 'react';
import { useJobs } from '../../store/jobs/jobs';
import { texts } from '../../texts/app';

/** The tab's title counts the steps, for people who wait in another tab. */
export function useTitle(): void {
  const steps = useJobs(({ painting }) => painting && `${painting.step} / ${painting.of}`);
  useEffect(() => {
    document.title = steps === undefined ? texts.title : texts.titleWithSteps(steps);
  }, [steps]);
}
