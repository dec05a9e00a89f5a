import { useStorage } from '../../store/database';
import './storage-bar.css';

/** Says for as long as it is so that the page cannot keep anything, and what helps. */
export function StorageBar() {
  const { state, trouble } = useStorage();
  return (
    <div className="storage" role="status">
      {trouble && (
        <div className="storage-bar">
          <p>{trouble}</p>
          {state === 'outdated' && (
            <button type="button" className="button" onClick={() => location.reload()}>
              Reload
            </button>
          )}
        </div>
      )}
    </div>
  );
}
