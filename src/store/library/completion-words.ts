import { type Completion, type CompletionWord, completionAt } from '../../core/text/completion';
import { useEngine } from '../engine';
import { useStyles } from '../lists/styles';
import { useTags } from '../lists/tags';
import { useWildcards } from '../lists/wildcards';
import { ADAPTERS, useMisfits } from './adapters';
import { entriesOf, useLibrary } from './library';
import { knownInfo } from './starter';

/** What the prompt may go on with at the caret: of the model, the library and the person's lists. */
export function completePrompt(text: string, caret: number): Completion {
  const repertoire = knownInfo(useEngine.getState())?.paints;
  return completionAt(text, caret, { repertoire, words: wordsOf(), tags: useTags.getState().index });
}

/** LoRAs and embeddings that act in the open model, what LoRAs were trained on, wildcards, and styles to choose. */
function wordsOf(): CompletionWord[] {
  const { misfits } = useMisfits.getState();
  const adapters = entriesOf(ADAPTERS, useLibrary.getState())
    .map(({ record }) => record)
    .filter(({ id }) => !misfits.has(id));
  const { styles, chosen } = useStyles.getState();
  const others = [...styles.keys()].filter((name) => !chosen.includes(name));
  const triggers = new Set(adapters.flatMap(({ facts }) => facts?.triggerWords ?? []));
  return [
    ...adapters.map(({ kind, name }) => ({ kind: kind === 'lora' ? ('lora' as const) : ('embedding' as const), name })),
    ...Array.from(triggers, (name) => ({ kind: 'trigger' as const, name })),
    ...Array.from(useWildcards.getState().lists.keys(), (name) => ({ kind: 'wildcard' as const, name })),
    ...others.map((name) => ({ kind: 'style' as const, name })),
  ];
}
