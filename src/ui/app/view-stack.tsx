import { Activity, Suspense, useRef } from 'react';
import { useView, VIEWS } from './views';

/** The view of the moment. Those seen before stay as they were left, hidden and with their effects off. */
export function ViewStack() {
  const current = useView();
  const seen = useRef(new Set<string>());
  seen.current.add(current.id);
  return VIEWS.filter(({ id }) => seen.current.has(id)).map(({ id, Body }) => (
    <Activity key={id} mode={id === current.id ? 'visible' : 'hidden'}>
      <div className="view" data-current={id === current.id ? '' : undefined}>
        <Suspense fallback={<p className="view-loading">Opening …</p>}>
          <Body />
        </Suspense>
      </div>
    </Activity>
  ));
}
