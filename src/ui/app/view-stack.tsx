import { Activity, useRef } from 'react';
import { Boundary } from './boundary';
import { ViewFailure } from './failures';
import { NotLoaded, ViewNotLoaded } from './not-loaded';
import { useView, VIEWS } from './views';

/** The view of the moment. Those seen before stay as they were left, hidden and with their effects off. */
export function ViewStack() {
  const current = useView();
  const seen = useRef(new Set<string>());
  seen.current.add(current.id);
  return VIEWS.filter(({ id }) => seen.current.has(id)).map(({ id, label, Body, loadAgain }) => (
    <Activity key={id} mode={id === current.id ? 'visible' : 'hidden'}>
      <div className="view" data-current={id === current.id ? '' : undefined}>
        <Boundary
          fallback={(failure) =>
            failure.thrown instanceof ViewNotLoaded ? (
              <NotLoaded
                label={label}
                retry={() => {
                  loadAgain?.();
                  failure.retry?.();
                }}
              />
            ) : (
              <ViewFailure {...failure} label={label} />
            )
          }
        >
          <Body />
        </Boundary>
      </div>
    </Activity>
  ));
}
