import { useEffect } from 'react';
import { useJobs } from '../../store/jobs/jobs';
import { ReloadButton } from './failures';
import { Message } from './message';

/** The code of a view did not come: no network, or a newer version on the server. */
export class ViewNotLoaded extends Error {
  override readonly name = 'ViewNotLoaded';
}

/** Stands where a view's own code could not be fetched, and tries again with the network's return. */
export function NotLoaded({ label, retry }: { label: string; retry: () => void }) {
  const busy = useJobs(({ painting }) => painting !== undefined);
  useEffect(() => {
    window.addEventListener('online', retry);
    return () => window.removeEventListener('online', retry);
  }, [retry]);
  return (
    <Message title={`${label} could not be loaded`} alert>
      <p>
        {navigator.onLine
          ? 'Easel was updated meanwhile, or its server does not answer. After an update the page must be reloaded.'
          : 'This device is offline, and this part of Easel is not kept on it yet. It is tried again when the network is back.'}
        {busy && ' A reload ends the picture that is under way; what waits is offered again.'}
      </p>
      <div className="message-actions">
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
        <ReloadButton />
      </div>
    </Message>
  );
}
