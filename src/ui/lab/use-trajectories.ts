import { useEffect, useState } from 'react';
import { type Trajectories, type TrajectoryRequest, trajectoriesOf } from '../../core/diffusion/theory/trajectories';
import { errorText } from '../../texts/errors';

/** Trajectories as they are computed: the last ones stay until the next are there; a refusal has its reason. */
export function useTrajectories(request: TrajectoryRequest): { trajectories?: Trajectories; reason?: string } {
  const [state, setState] = useState<{ trajectories?: Trajectories; reason?: string }>({});
  useEffect(() => {
    let current = true;
    trajectoriesOf(request).then(
      (trajectories) => current && setState({ trajectories }),
      (thrown: unknown) => current && setState({ reason: errorText(thrown) }),
    );
    return () => {
      current = false;
    };
  }, [request]);
  return state;
}
