import { Trash2, Undo2 } from 'lucide-react';
import { useShallow } from 'zustand/react/shallow';
import { formatBytes, formatDaysAgo } from '../../store/library/labels';
import { emptyBin, putBack } from '../../store/library/maintenance';
import { useStoredModels } from '../../store/library/stored-models';
import './disk-use.css';

/** What the models in this browser take of the disk, and the bin. */
export function DiskUse() {
  const usage = useStoredModels((state) => state.usage);
  const count = useStoredModels(({ models }) => [...models.values()].filter(isListed).length);
  if (!usage || usage.models + usage.bin + usage.unfinished === 0) return null;
  const parts = [
    { name: 'models', bytes: usage.models },
    { name: 'unfinished', bytes: usage.unfinished },
    { name: 'bin', bytes: usage.bin },
    { name: 'free', bytes: usage.freeBytes },
  ];
  const facts = [
    usage.models > 0 &&
      `${formatBytes(usage.models)} in ${count} ${count === 1 ? 'download or copy' : 'downloads and copies'}`,
    usage.saved > 0 && `${formatBytes(usage.saved)} saved, since files that several share are kept once`,
    usage.unfinished > 0 && `${formatBytes(usage.unfinished)} on their way`,
    usage.bin > 0 && `${formatBytes(usage.bin)} in the bin`,
    Number.isFinite(usage.freeBytes) && `${formatBytes(usage.freeBytes)} free for this page`,
  ];
  return (
    <section className="disk-use" aria-label="Kept in this browser">
      <h3>Kept in this browser</h3>
      <div className="disk-use-bar" aria-hidden="true">
        {parts.map(({ name, bytes }) => (
          <span key={name} data-part={name} style={{ flexGrow: Number.isFinite(bytes) ? bytes / 1e6 : 0 }} />
        ))}
      </div>
      <p>{facts.filter(Boolean).join(' · ')}</p>
      <Bin />
    </section>
  );
}

const isListed = ({ removedAt }: { removedAt?: number }) => removedAt === undefined;

/** Removed models, which can be put back until their space is needed. */
function Bin() {
  const binned = useStoredModels(
    useShallow(({ models }) =>
      [...models.values()].filter((model) => !isListed(model)).sort((a, b) => (b.removedAt ?? 0) - (a.removedAt ?? 0)),
    ),
  );
  const now = Date.now();
  if (binned.length === 0) return null;
  return (
    <details className="bin">
      <summary>Bin: {binned.length === 1 ? '1 removed model' : `${binned.length} removed models`}</summary>
      <p>They stay until their space is needed, 30 days at most.</p>
      <ul aria-label="Bin">
        {binned.map(({ id, name, bytes, removedAt = now }) => (
          <li key={id}>
            <span className="bin-name" title={name}>
              {name}
            </span>
            <span className="bin-about">
              {formatBytes(bytes)} · removed {formatDaysAgo(removedAt, now)}
            </span>
            <button type="button" className="button" aria-label={`Put ${name} back`} onClick={() => void putBack(id)}>
              <Undo2 size={16} aria-hidden="true" />
              Put back
            </button>
          </li>
        ))}
      </ul>
      <button type="button" className="button" onClick={() => void emptyBin()}>
        <Trash2 size={16} aria-hidden="true" />
        Empty the bin
      </button>
    </details>
  );
}
