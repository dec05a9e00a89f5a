import { X } from 'lucide-react';
import { loraWeight, removeAdapter, setLoraWeight, useAdapters } from '../../store/adapters';
import { useSettings } from '../../store/settings';
import { IconButton } from '../components/icon-button';
import './adapters.css';

/** LoRAs and embeddings at hand: the prompt says which LoRAs are on and how strongly, and is changed here as well as by typing. */
export function Adapters() {
  const adapters = useAdapters((state) => state.adapters);
  const prompt = useSettings(({ values }) => values.prompt);
  if (adapters.length === 0) return null;
  return (
    <section className="adapters" aria-label="LoRAs and embeddings">
      {adapters.map(({ name, kind }) => {
        const weight = loraWeight(prompt, name);
        return (
          <div key={name} className="adapter">
            {kind === 'lora' ? (
              <label className="adapter-name">
                <input
                  type="checkbox"
                  checked={weight !== undefined}
                  onChange={(event) => setLoraWeight(name, event.currentTarget.checked ? 1 : undefined)}
                />
                <span>{name}</span>
              </label>
            ) : (
              <span className="adapter-name" title="A textual inversion: write its name in a prompt.">
                <span>{name}</span>
              </span>
            )}
            {kind === 'lora' && (
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
            <IconButton label={`Remove ${name}`} icon={X} onClick={() => void removeAdapter(name)} />
          </div>
        );
      })}
    </section>
  );
}
