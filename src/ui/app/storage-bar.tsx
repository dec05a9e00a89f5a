import { useStorage } from '../../store/persistence/database';
import { texts } from '../../texts/app';
import './storage-bar.css';

/**
 * Says for as long as it is so that the page cannot keep what it should, and what helps; one thing at a time, the
 * worse.
 */
export function StorageBar() {
  const { state, trouble, settingsTrouble } = useStorage();
  const told = trouble ?? settingsTrouble;
  return (
    <div className="storage" role="status">
      {told && (
        <div className="storage-bar">
          <p>{told}</p>
          {state === 'outdated' && (
            <button type="button" className="button" onClick={() => location.reload()}>
              {texts.reload}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
