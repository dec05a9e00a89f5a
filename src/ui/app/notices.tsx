import { X } from 'lucide-react';
import { Toast } from 'radix-ui';
import type { ReactNode } from 'react';
import { dismissNotice, type Notice, useNotices } from '../../store/notices';
import { dismissUnsaved, retryUnsaved, unsavedMessage, useUnsaved } from '../../store/persistence/unsaved';
import { texts } from '../../texts/app';
import { IconButton } from '../components/icon-button';
import './notices.css';

/**
 * Messages at the edge of the page: short ones that go away by themselves, and those that stay until they are dismissed
 * or no longer true.
 */
export function Notices() {
  const notices = useNotices((state) => state.notices);
  const unsaved = useUnsaved(unsavedMessage);
  return (
    <Toast.Provider label={texts.message}>
      {unsaved && (
        <StayingToast text={unsaved} onDismiss={dismissUnsaved}>
          <button type="button" className="notice-action" onClick={retryUnsaved}>
            {texts.tryAgain}
          </button>
        </StayingToast>
      )}
      {notices.map((notice) =>
        notice.stays ? (
          <StayingToast
            key={notice.id}
            text={notice.text}
            details={notice.details}
            onDismiss={() => dismissNotice(notice.id)}
          >
            <NoticeActions {...notice} />
          </StayingToast>
        ) : (
          <PassingToast key={notice.id} notice={notice} />
        ),
      )}
      <Toast.Viewport className="notices" label={texts.notices} />
    </Toast.Provider>
  );
}

/** Longer than this takes longer to read. */
const SHORT = 80;

function PassingToast({ notice }: { notice: Notice }) {
  const { id, text, action } = notice;
  return (
    <Toast.Root
      className="notice"
      duration={action || text.length > SHORT ? 8000 : 3000}
      onOpenChange={(open) => !open && dismissNotice(id)}
    >
      <Toast.Description>{text}</Toast.Description>
      <NoticeActions {...notice} />
    </Toast.Root>
  );
}

interface StayingToastProps extends Pick<Notice, 'text' | 'details'> {
  onDismiss(): void;
  children: ReactNode;
}

function StayingToast({ text, details, onDismiss, children }: StayingToastProps) {
  return (
    <Toast.Root className="notice" duration={Number.POSITIVE_INFINITY} onOpenChange={(open) => !open && onDismiss()}>
      <div>
        <Toast.Description>{text}</Toast.Description>
        {details && details.lines.length > 0 && (
          <details className="notice-details">
            <summary>{details.summary}</summary>
            <ul>
              {details.lines.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
      {children}
      <Toast.Close asChild>
        <IconButton icon={X} label={texts.dismiss} />
      </Toast.Close>
    </Toast.Root>
  );
}

function NoticeActions({ action, second }: Pick<Notice, 'action' | 'second'>) {
  return [action, second].map(
    (each) =>
      each && (
        <Toast.Action key={each.label} className="notice-action" altText={each.label} onClick={each.run}>
          {each.label}
        </Toast.Action>
      ),
  );
}
