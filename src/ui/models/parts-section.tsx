import { Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { FILE_KINDS, type FileKind } from '../../core/file-kinds';
import { allowReading, removeAdapter } from '../../store/library/adapters';
import { removeAutoencoder } from '../../store/library/autoencoders';
import { formatRecord } from '../../store/library/labels';
import { type LibraryEntry, removeRecord } from '../../store/library/library';
import { removeClassifier } from '../../store/library/open-entry';
import { texts as fileKinds } from '../../texts/file-kinds';
import { texts } from '../../texts/models';
import { IconButton } from '../components/icon-button';
import { DamageLine, RepairButton } from './damage';
import { LoraCover, LoraFacts } from './lora-facts';
import { canKeep, KeepCopyButton, PlaceLine } from './model-card';
import { ThingMenu } from './thing-menu';
import './parts-section.css';

interface PartsSectionProps {
  title: string;
  /** Those that are shown. */
  entries: readonly LibraryEntry[];
  /** What stands in the place of entries where there are none. */
  empty: string;
  children?: ReactNode;
}

/** Things that go with models. */
export function PartsSection({ title, entries, empty, children }: PartsSectionProps) {
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

/** How a thing goes off the list: what used it falls back to what there is without. */
const REMOVE: Readonly<Record<(typeof FILE_KINDS)[FileKind]['section'], (entry: LibraryEntry) => Promise<void>>> = {
  models: ({ record }) => removeRecord(record.id),
  adapters: removeAdapter,
  autoencoders: ({ record }) => removeAutoencoder(record.id),
  upscalers: ({ record }) => removeRecord(record.id),
  classifiers: ({ record }) => removeClassifier(record.id),
};

function Part({ entry }: { entry: LibraryEntry }) {
  const { record, access } = entry;
  const { id, name, kind, place, facts } = record;
  return (
    <li className="part">
      <div className="part-kind">
        {fileKinds[kind].label}
        {facts?.cover && <LoraCover name={name} cover={facts.cover} />}
      </div>
      <div className="part-words">
        <span className="part-name" title={name}>
          {name}
        </span>
        <span className="part-about">{formatRecord(record)}</span>
        {kind === 'lora' && facts && <LoraFacts facts={facts} />}
        <PlaceLine entry={entry} />
        <DamageLine record={record} />
      </div>
      <RepairButton record={record} />
      {access === 'ask' && (
        <button type="button" className="button" onClick={() => void allowReading([entry])}>
          {texts.allow}
        </button>
      )}
      {canKeep(place, access) && <KeepCopyButton id={id} name={name} />}
      <ThingMenu record={record} />
      <IconButton
        icon={Trash2}
        label={texts.remove(name)}
        onClick={() => void REMOVE[FILE_KINDS[kind].section](entry)}
      />
    </li>
  );
}
