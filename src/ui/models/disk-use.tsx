import { Trash2, Undo2 } from 'lucide-react';
import { useShallow } from 'zustand/react/shallow';
import { formatBytes, formatDaysAgo } from '../../store/library/labels';
import { emptyBin, putBack } from '../../store/library/maintenance';
import { useStoredModels } from '../../store/library/stored-models';
import { texts } from '../../texts/models';
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
    usage.models > 0 && texts.kept(formatBytes(usage.models), count),
    usage.saved > 0 && texts.savedBySharing(formatBytes(usage.saved)),
    usage.unfinished > 0 && texts.onTheirWay(formatBytes(usage.unfinished)),
    usage.bin > 0 && texts.inTheBin(formatBytes(usage.bin)),
    Number.isFinite(usage.freeBytes) && texts.free(formatBytes(usage.freeBytes)),
  ];
  return (
    <section className="disk-use" aria-label={texts.keptInThisBrowser}>
      <h3>{texts.keptInThisBrowser}</h3>
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
      <summary>{texts.binOf(binned.length)}</summary>
      <p>{texts.binHelp}</p>
      <ul aria-label={texts.bin}>
        {binned.map(({ id, name, bytes, removedAt = now }) => (
          <li key={id}>
            <span className="bin-name" title={name}>
              {name}
            </span>
            <span className="bin-about">{texts.removed(formatBytes(bytes), formatDaysAgo(removedAt, now))}</span>
            <button
              type="button"
              className="button"
              aria-label={texts.putBackNamed(name)}
              onClick={() => void putBack(id)}
            >
              <Undo2 size={16} aria-hidden="true" />
              {texts.putBack}
            </button>
          </li>
        ))}
      </ul>
      <button type="button" className="button" onClick={() => void emptyBin()}>
        <Trash2 size={16} aria-hidden="true" />
        {texts.emptyTheBin}
      </button>
    </details>
  );
}
