import { X } from 'lucide-react';
import { useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { extraNetworks, loraKey } from '../../core/text/extra-networks';
import { usedAdapters } from '../../jobs/adapters';
import { ADAPTERS, setLoraWeight, useMisfits } from '../../store/library/adapters';
import { entriesOf, type LibraryEntry, useLibrary } from '../../store/library/library';
import { useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/settings';
import { IconButton } from '../components/icon-button';
import { TriggerWords } from '../components/trigger-words';
import { AddAdapter } from './add-adapter';
import { LoraWeightFields } from './lora-weights';
import './adapters.css';

/**
 * The LoRAs that the prompt names, and how strongly: changed here as well as by typing. Those at hand, and embeddings,
 * are a list that opens.
 */
export function Adapters() {
  const entries = useLibrary(useShallow((state) => entriesOf(ADAPTERS, state)));
  const prompt = useSettings(({ values }) => values.prompt);
  const named = useMemo(() => namedLoras(prompt, entries), [prompt, entries]);
  if (entries.length === 0 && named.length === 0) return null;
  return (
    <section className="adapters" aria-label={texts.lorasAndEmbeddings}>
      {named.length > 0 && (
        <ul className="adapters-named">
          {named.map(({ name, entry }) => (
            <NamedLora key={loraKey(name)} name={name} entry={entry} />
          ))}
        </ul>
      )}
      {entries.length > 0 && <AddAdapter entries={entries} />}
    </section>
  );
}

/** In the prompt's order and by what it calls them, with what the library has by that name or alias. */
function namedLoras(prompt: string, entries: readonly LibraryEntry[]) {
  const loras = entries
    .filter(({ record }) => record.kind === 'lora')
    .map((entry) => ({ name: entry.record.name, alias: entry.record.facts?.alias, entry }));
  const used = usedAdapters({ prompt, negativePrompt: '' }, { loras, embeddings: [] });
  return extraNetworks(prompt).loras.map(({ name }) => ({
    name,
    entry: used.loras.find(({ mention }) => mention === name)?.lora.entry,
  }));
}

/** A LoRA that the prompt names. @param entry undefined where it is not in the library */
function NamedLora({ name, entry }: { name: string; entry: LibraryEntry | undefined }) {
  const trouble = useTrouble(entry);
  const words = entry?.record.facts?.triggerWords ?? [];
  return (
    <li className="adapter">
      <span className="adapter-name">{name}</span>
      <LoraWeightFields name={name} />
      <IconButton label={texts.takeOutOfThePrompt(name)} icon={X} onClick={() => setLoraWeight(name, undefined)} />
      {trouble && <p className="adapter-trouble">{trouble}</p>}
      {words.length > 0 && <TriggerWords words={words} />}
    </li>
  );
}

/** Why a LoRA that is named does nothing. */
function useTrouble(entry: LibraryEntry | undefined): string | undefined {
  const misfit = useMisfits(({ misfits }) => entry && misfits.get(entry.record.id));
  if (!entry) return texts.notInYourLibrary;
  if (entry.access === 'ask') return texts.browserAsks;
  if (entry.access === 'drop-again') return texts.dropAgain;
  return misfit;
}
