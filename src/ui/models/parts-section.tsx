import { Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { FILE_KINDS, type FileKind } from '../../core/file-kinds';
import { allowReading, removeAdapter } from '../../store/library/adapters';
import { removeAutoencoder } from '../../store/library/autoencoders';
import { formatPlace, formatRecord } from '../../store/library/labels';
import { entriesOf, type LibraryEntry, useLibrary } from '../../store/library/library';
import { IconButton } from '../components/icon-button';
import { KeepCopyButton } from './model-card';
import './parts-section.css';

interface PartsSectionProps {
  title: string;
  kinds: readonly FileKind[];
  /** What these are for, where there are none yet. */
  empty: string;
  children?: ReactNode;
}

/** Things that go with models. */
export function PartsSection({ title, kinds, empty, children }: PartsSectionProps) {
  const entries = useLibrary(useShallow((state) => entriesOf(kinds, state)));
  return (
    <section className="parts" aria-label={title}>
      <h3>{title}</h3>
      {entries.length === 0 && <p className="parts-empty">{empty}</p>}
      <ul>
        {entries.map((entry) => (
          <Part key={entry.record.id} entry={entry} />
        ))}
      </ul>
      {entries.length > 0 && children}
    </section>
  );
}

function Part({ entry }: { entry: LibraryEntry }) {
  const { record, access } = entry;
  const { id, name, kind, place } = record;
  const isAdapter = FILE_KINDS[kind].section === 'adapters';
  return (
    <li className="part">
      <span className="part-kind">{FILE_KINDS[kind].label}</span>
      <div className="part-words">
        <span className="part-name" title={name}>
          {name}
        </span>
        <span className="part-about" data-access={access}>
          {[formatRecord(record), formatPlace(place, access)].filter(Boolean).join(' · ')}
        </span>
      </div>
      {access === 'ask' && (
        <button type="button" className="button" onClick={() => void allowReading([entry])}>
          Allow
        </button>
      )}
      {place.kind !== 'copy' && access === 'ready' && <KeepCopyButton id={id} name={name} />}
      <IconButton
        icon={Trash2}
        label={`Remove ${name} from the list`}
        onClick={() => void (isAdapter ? removeAdapter(entry) : removeAutoencoder(id))}
      />
    </li>
  );
}
