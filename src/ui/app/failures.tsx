import { type ReactNode, useState } from 'react';
import { exportStored, resetStored } from '../../store/backup/stored';
import { saveFile } from '../components/save-file';
import type { Failure } from './boundary';
import { Message } from './message';

// Shown when something else of the page is broken: nothing here reads the page's stores.

/** In the place of the whole page. */
export function PageFailure(failure: Failure) {
  return (
    <Message title="Easel stopped" alert>
      <p>
        Something in the page failed. Nothing that is stored in this browser was deleted: results, settings, models and
        the canvas.
      </p>
      <FailureFoot {...failure} />
    </Message>
  );
}

/** In the place of the whole page where its code did not come. */
export function PageNotLoaded() {
  return (
    <Message title="Easel could not be loaded" alert>
      <p>
        A part of the page did not come: the connection is down, or Easel was updated just now. Reload the page. If you
        host it: all of the folder dist must be there.
      </p>
      <div className="message-actions">
        <ReloadButton />
      </div>
    </Message>
  );
}

/** In the place of one view. */
export function ViewFailure({ label, ...failure }: Failure & { label: string }) {
  return (
    <Message title={`${label} stopped`} alert>
      <p>Something in this view failed. The other views still work, and a painting that is under way goes on.</p>
      <FailureFoot {...failure} />
    </Message>
  );
}

/** While a reset waits. */
export function CloseOtherTabs() {
  return (
    <Message title="Close the other tabs of Easel">
      <p>What is stored is deleted as soon as no other tab uses it. This page then opens by itself.</p>
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
            Try again
          </button>
        )}
        <ReloadButton />
        <CopyDetails {...failure} />
      </div>
      <details className="message-reset">
        <summary>Does it come back? Reset what is stored here</summary>
        <Reset />
      </details>
    </>
  );
}

export function ReloadButton() {
  return (
    <button type="button" className="button" onClick={() => location.reload()}>
      Reload the page
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
      setDone('Copied');
    } catch {
      setDone('The browser did not allow copying');
    }
  };
  return (
    <button type="button" className="button" onClick={() => void copy()}>
      {done ?? 'Copy details'}
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
      `everything (${thrown})`,
    ]);
    setCopying({ kind: 'done', missing });
  };
  return (
    <>
      <p>
        This deletes all results, the canvas, settings and prompts, and the list of models with the copies that this
        browser keeps; files on your disk stay where they are. Save a copy first: a ZIP of everything but the models.
      </p>
      <div className="message-actions">
        <button type="button" className="button" disabled={copying.kind === 'under-way'} onClick={() => void copy()}>
          Save a copy
        </button>
        <button
          type="button"
          className="button message-danger"
          disabled={copying.kind !== 'done'}
          onClick={resetStored}
        >
          Delete and start anew
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
      return 'Reading what is stored …';
    case 'done':
      return copying.missing.length === 0
        ? 'A copy was saved.'
        : `A copy was saved as far as it could be read. Missing: ${copying.missing.join('; ')}.`;
    default:
      return copying satisfies never;
  }
}
