import { useEngine } from '../../store/engine';
import { useJobs } from '../../store/jobs/jobs';
import './progress.css';

/** A hairline under the top bar: how far loading or painting is. */
export function Progress() {
  const status = useEngine((state) => state.status);
  const painting = useJobs((state) => state.painting);
  let done: number | undefined;
  if (status.kind === 'loading') {
    const { loadedBytes, totalBytes } = status.loading;
    done = totalBytes > 0 ? loadedBytes / totalBytes : 0;
  } else if (painting) {
    const { picture, pictures, step, of } = painting;
    done = (picture + step / of) / pictures;
  }
  return (
    <div className="progress">
      {done !== undefined && <div className="progress-done" style={{ width: `${100 * done}%` }} />}
    </div>
  );
}
