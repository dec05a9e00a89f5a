import { useEffect } from 'react';
import { useJobs } from '../../store/jobs/jobs';
import { texts } from '../../texts/app';
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
    <Message title={texts.viewNotLoaded(label)} alert>
      <p>
        {navigator.onLine ? texts.updatedMeanwhile : texts.deviceIsOffline}
        {busy && ` ${texts.reloadEndsPainting}`}
      </p>
      <div className="message-actions">
        <button type="button" className="button" onClick={retry}>
          {texts.tryAgain}
        </button>
        <ReloadButton />
      </div>
    </Message>
  );
}
