import { create } from 'zustand';
import type { Job } from '../../jobs/job';

interface BatchState {
  /** The job whose pictures they are. */
  job: string | undefined;
  /** Ids of its results, in the order they were painted in. */
  ids: readonly string[];
}

/** What the last job, or the one that is running, has brought to the results. */
export const useBatch = create<BatchState>(() => ({ job: undefined, ids: [] }));

/** Another result; the first one of a job takes the place of those of the job before. */
export function addToBatch({ id, parent = id }: Pick<Job, 'id' | 'parent'>, result: string): void {
  useBatch.setState(({ job, ids }) => ({ job: parent, ids: job === parent ? [...ids, result] : [result] }));
}
