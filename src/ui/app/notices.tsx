import { Toast } from 'radix-ui';
import { dismissNotice, useNotices } from '../../store/notices';
import './notices.css';

/** Short messages that go away by themselves, each with at most one thing to do about it. */
export function Notices() {
  const notices = useNotices((state) => state.notices);
  return (
    <Toast.Provider label="Message">
      {notices.map(({ id, text, action }) => (
        <Toast.Root
          key={id}
          className="notice"
          duration={action ? 8000 : 3000}
          onOpenChange={(open) => !open && dismissNotice(id)}
        >
          <Toast.Description>{text}</Toast.Description>
          {action && (
            <Toast.Action className="notice-action" altText={action.label} onClick={action.run}>
              {action.label}
            </Toast.Action>
          )}
        </Toast.Root>
      ))}
      <Toast.Viewport className="notices" />
    </Toast.Provider>
  );
}
