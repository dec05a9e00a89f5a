import { Plus } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { allowReading, loraWeight, sayInPrompt, says, setLoraWeight, useMisfits } from '../../store/library/adapters';
import type { LibraryEntry } from '../../store/library/library';
import { useSettings } from '../../store/settings/settings';
import { familyText } from '../../texts/families';
import { texts as fileKinds } from '../../texts/file-kinds';
import { texts } from '../../texts/settings';
import { PopoverPanel } from '../components/popover-panel';
import { type SearchItem, SearchList } from '../components/search-list';

/** LoRAs and embeddings at hand, those for the open model first: the one that is chosen comes into the prompt. */
export function AddAdapter({ entries }: { entries: readonly LibraryEntry[] }) {
  const [open, setOpen] = useState(false);
  const prompt = useSettings(({ values }) => values.prompt);
  const misfits = useMisfits((state) => state.misfits);
  const label = entries.some(({ record }) => record.kind === 'lora') ? texts.addLora : texts.addEmbedding;
  const items = entries
    .filter(({ record }) => !isNamed(record, prompt))
    .map((entry) => itemOf(entry, misfits.has(entry.record.id)))
    .sort((one, other) => Number(one.disabled ?? false) - Number(other.disabled ?? false));
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className="button adapters-add">
        <Plus size={16} aria-hidden="true" />
        {label}
      </Popover.Trigger>
      <PopoverPanel label={label} align="start">
        {items.length === 0 ? (
          <p>{texts.allIsInPrompt}</p>
        ) : (
          <SearchList
            label={texts.searchLorasAndEmbeddings}
            items={items}
            onChoose={(id) => {
              setOpen(false);
              const chosen = entries.find(({ record }) => record.id === id);
              if (chosen) void name(chosen);
            }}
          />
        )}
      </PopoverPanel>
    </Popover.Root>
  );
}

const isNamed = ({ kind, name }: LibraryEntry['record'], prompt: string): boolean =>
  kind === 'lora' ? loraWeight(prompt, name) !== undefined : says(prompt, name);

/** Puts it into the prompt; its file is asked for first where the browser wants that. */
async function name(entry: LibraryEntry): Promise<void> {
  const { record, access } = entry;
  if (access === 'ask') await allowReading([entry]);
  if (record.kind === 'lora') setLoraWeight(record.name, 1);
  else sayInPrompt(record.name);
}

function itemOf({ record, access }: LibraryEntry, isMisfit: boolean): SearchItem {
  const { id, name: label, kind, facts } = record;
  const family = facts?.architecture && familyText(facts.architecture);
  const { label: kindLabel } = fileKinds[kind];
  if (access === 'drop-again') return { id, label, group: texts.dropTheFileAgain, note: kindLabel, disabled: true };
  if (isMisfit) return { id, label, group: texts.forOtherModels, note: family ?? kindLabel, disabled: true };
  const told = [facts?.triggerWords?.join(', '), facts?.alias, facts?.method, facts?.base];
  const note = told.filter((part) => part && part !== label).join(' · ');
  return { id, label, group: family ? `${kindLabel}, ${family}` : kindLabel, note };
}
