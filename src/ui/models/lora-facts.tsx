import type { ModelFacts } from '../../store/library/library-record';
import { texts } from '../../texts/models';
import { TriggerWords } from '../components/trigger-words';
import { useObjectUrl } from '../components/use-object-url';
import './lora-facts.css';

/** What a LoRA's file tells of how it was made, and the words that call it up: a click says one in the prompt. */
export function LoraFacts({ facts }: { facts: ModelFacts }) {
  const { method, base, network, alias, triggerWords = [] } = facts;
  const made = [method, base && texts.trainedOn(base), network].filter(Boolean).join(' · ');
  return (
    <>
      {made && <span className="part-about lora-made">{made}</span>}
      {alias && <span className="part-about">{texts.alsoCalled(alias)}</span>}
      {triggerWords.length > 0 && <TriggerWords words={triggerWords} />}
    </>
  );
}

/** The picture that a LoRA's file, or one beside it, shows of what it does. */
export function LoraCover({ name, cover }: { name: string; cover: Blob }) {
  const url = useObjectUrl(cover);
  return <div className="lora-cover">{url && <img src={url} alt={texts.previewOf(name)} />}</div>;
}
