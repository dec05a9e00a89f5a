import { sayInPrompt, says } from '../../store/library/adapters';
import { useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/components';
import './trigger-words.css';

/** What a prompt says to call up what a LoRA knows: a click says it. */
export function TriggerWords({ words }: { words: readonly string[] }) {
  const prompt = useSettings(({ values }) => values.prompt);
  return (
    <fieldset className="trigger-words" aria-label={texts.triggerWords}>
      {words.map((word) => (
        <button
          key={word}
          type="button"
          className="trigger-word"
          aria-pressed={says(prompt, asWords(word))}
          onClick={() => sayInPrompt(asWords(word))}
        >
          {word}
        </button>
      ))}
    </fieldset>
  );
}

/** Brackets would be emphasis. */
const asWords = (text: string): string => text.replace(/(?<!\\)[()[\]]/g, '\\$&');
