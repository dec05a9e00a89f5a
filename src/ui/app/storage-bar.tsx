import { useCanvasKeeping } from '../../store/canvas';
import { useStorage } from '../../store/database';
import './storage-bar.css';

/** Says for as long as it is so that something is not kept, and what helps. */
export function StorageBar() {
  const { state, trouble } = useStorage();
  const problem = useCanvasKeeping((keeping) => keeping.problem);
  const text = trouble ?? problem;
  return (
    <div className="storage" role="status">
      {text && (
        <div className="storage-bar">
          <p>{text}</p>
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
