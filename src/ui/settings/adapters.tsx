import { X } from 'lucide-react';
import { useShallow } from 'zustand/react/shallow';
import { ADAPTERS, allowReading, loraWeight, removeAdapter, setLoraWeight } from '../../store/library/adapters';
import { entriesOf, type LibraryEntry, useLibrary } from '../../store/library/library';
import { useSettings } from '../../store/settings/settings';
import { IconButton } from '../components/icon-button';
import './adapters.css';

/**
 * LoRAs and embeddings at hand: the prompt says which LoRAs are on and how strongly, and is changed here as well as by
 * typing.
 */
export function Adapters() {
  const adapters = useLibrary(useShallow((state) => entriesOf(ADAPTERS, state)));
  if (adapters.length === 0) return null;
  const asking = adapters.filter(({ access }) => access === 'ask');
  return (
    <section className="adapters" aria-label="LoRAs and embeddings">
      {asking.length > 0 && (
        <button type="button" className="button" onClick={() => void allowReading(asking)}>
          Grant access to {asking.length === 1 ? asking[0].record.name : `${asking.length} files`}
        </button>
      )}
      {adapters.map((entry) => (
        <Adapter key={entry.record.id} entry={entry} />
      ))}
    </section>
  );
}

function Adapter({ entry }: { entry: LibraryEntry }) {
  const { record, access } = entry;
  const { name, kind } = record;
  const weight = useSettings(({ values }) => loraWeight(values.prompt, name));
  const isLora = kind === 'lora';
  return (
    <div className="adapter" data-access={access}>
      {isLora && access === 'ready' ? (
        <label className="adapter-name">
          <input
            type="checkbox"
            checked={weight !== undefined}
            onChange={(event) => setLoraWeight(name, event.currentTarget.checked ? 1 : undefined)}
          />
          <span>{name}</span>
        </label>
      ) : (
        <span className="adapter-name" title={isLora ? undefined : 'A textual inversion: write its name in a prompt.'}>
          <span>{name}</span>
        </span>
      )}
      {access === 'drop-again' && <span className="adapter-note">drop it again</span>}
      {isLora && access === 'ready' && (
        <input
          className="adapter-weight"
          type="number"
          aria-label={`Weight of ${name}`}
          min={-4}
          max={4}
          step={0.05}
          disabled={weight === undefined}
          value={weight ?? 1}
          onChange={({ currentTarget: { valueAsNumber } }) => {
            if (Number.isFinite(valueAsNumber)) setLoraWeight(name, valueAsNumber);
          }}
        />
      )}
      <IconButton label={`Remove ${name}`} icon={X} onClick={() => void removeAdapter(entry)} />
    </div>
  );
}
