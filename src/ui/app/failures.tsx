import { type ReactNode, useState } from 'react';
import { exportStored, resetStored } from '../../store/backup/stored';
import { texts } from '../../texts/app';
import { saveFile } from '../components/save-file';
import type { Failure } from './boundary';
import { Message } from './message';

// Shown when something else of the page is broken: nothing here reads the page's stores.

/** In the place of the whole page. */
export function PageFailure(failure: Failure) {
  return (
    <Message title={texts.easelStopped} alert>
      <p>{texts.somethingFailed}</p>
      <FailureFoot {...failure} />
    </Message>
  );
}

/** In the place of the whole page where its code did not come. */
export function PageNotLoaded() {
  return (
    <Message title={texts.easelNotLoaded} alert>
      <p>{texts.partDidNotCome}</p>
      <div className="message-actions">
        <ReloadButton />
      </div>
    </Message>
  );
}

/** In the place of one view. */
export function ViewFailure({ label, ...failure }: Failure & { label: string }) {
  return (
    <Message title={texts.viewStopped(label)} alert>
      <p>{texts.viewFailed}</p>
      <FailureFoot {...failure} />
    </Message>
  );
}

/** While a reset waits. */
export function CloseOtherTabs() {
  return (
    <Message title={texts.closeTheOtherTabs}>
      <p>{texts.deletedOnceClosed}</p>
    </Message>
  );
}

function FailureFoot(failure: Failure) {
  const { thrown, retry } = failure;
  return (
    <>
      <code className="message-code">{String(thrown)}</code>
      <div className="message-actions">
        {retry && (
          <button type="button" className="button" onClick={retry}>
            {texts.tryAgain}
          </button>
        )}
        <ReloadButton />
        <CopyDetails {...failure} />
      </div>
      <details className="message-reset">
        <summary>{texts.doesItComeBack}</summary>
        <Reset />
      </details>
    </>
  );
}

export function ReloadButton() {
  return (
    <button type="button" className="button" onClick={() => location.reload()}>
      {texts.reloadThePage}
    </button>
  );
}

function CopyDetails({ thrown, where }: Failure) {
  const [done, setDone] = useState<string>();
  const copy = async () => {
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    const details = [String(thrown), stack, where, location.href, navigator.userAgent];
    try {
      await navigator.clipboard.writeText(details.filter((part) => part !== undefined).join('\n\n'));
      setDone(texts.copied);
    } catch {
      setDone(texts.copyingNotAllowed);
    }
  };
  return (
    <button type="button" className="button" onClick={() => void copy()}>
      {done ?? texts.copyDetails}
    </button>
  );
}

type Copying = { kind: 'none' } | { kind: 'under-way' } | { kind: 'done'; missing: readonly string[] };

/** Deletes all that is stored, once a copy of it was handed over. */
function Reset() {
  const [copying, setCopying] = useState<Copying>({ kind: 'none' });
  const copy = async () => {
    setCopying({ kind: 'under-way' });
    const day = new Date().toISOString().slice(0, 10);
    const name = (index: number) => `easel-${day}${index > 0 ? `-${index + 1}` : ''}.zip`;
    const missing = await exportStored((archive, index) => saveFile(archive, name(index))).catch((thrown) => [
      texts.everything(thrown),
    ]);
    setCopying({ kind: 'done', missing });
  };
  return (
    <>
      <p>{texts.thisDeletesAll}</p>
      <div className="message-actions">
        <button type="button" className="button" disabled={copying.kind === 'under-way'} onClick={() => void copy()}>
          {texts.saveACopy}
        </button>
        <button
          type="button"
          className="button message-danger"
          disabled={copying.kind !== 'done'}
          onClick={resetStored}
        >
          {texts.deleteAndStartAnew}
        </button>
      </div>
      <p role="status">{formatCopying(copying)}</p>
    </>
  );
}

function formatCopying(copying: Copying): ReactNode {
  switch (copying.kind) {
    case 'none':
      return null;
    case 'under-way':
      return texts.readingWhatIsStored;
    case 'done':
      return copying.missing.length === 0 ? texts.aCopyWasSaved : texts.copyLacks(copying.missing);
    default:
      return copying satisfies never;
  }
}
