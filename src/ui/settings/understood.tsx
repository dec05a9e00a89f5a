import { ArrowRight, Shapes } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import type { Repertoire } from '../../core/repertoire';
import { useEngine } from '../../store/engine';
import { askForFirst } from '../../store/library/first-model';
import { entriesOf, useLibrary } from '../../store/library/library';
import { knownInfo } from '../../store/library/starter';
import { changeSettings, changeWithUndo, useSettings } from '../../store/settings/settings';
import { type Judged, judge, replaceWord } from '../../store/settings/understanding';
import { texts } from '../../texts/settings';
import { RepertoireSheet } from './repertoire-sheet';
import './understood.css';

/**
 * What a model that was trained on a closed list makes of the prompt, and what it does not: before anything is painted.
 * Its lines keep their place, so that nothing moves while one types.
 */
export function UnderstoodPrompt() {
  const paints = useEngine((state) => knownInfo(state)?.paints);
  return paints && <OfRepertoire paints={paints} />;
}

function OfRepertoire({ paints }: { paints: Repertoire }) {
  const prompt = useDeferredValue(useSettings(({ values }) => values.prompt));
  const judged = useMemo(() => judge(prompt, paints), [prompt, paints]);
  const isEmpty = prompt.trim() === '';
  return (
    <section className="understood" aria-label={texts.whatModelMakes}>
      {isEmpty ? <p>{texts.namesThings(paints.things.length)}</p> : <Chips judged={judged} />}
      <div className="understood-missing" aria-live="polite">
        {!isEmpty && <Missing judged={judged} />}
      </div>
    </section>
  );
}

/** The way to all that the model paints, where that is a closed list. */
export function RepertoireButton() {
  const paints = useEngine((state) => knownInfo(state)?.paints);
  const [open, setOpen] = useState(false);
  if (!paints) return null;
  return (
    <>
      <button type="button" className="understood-all" onClick={() => setOpen(true)}>
        <Shapes size={14} aria-hidden="true" />
        {texts.whatCanItPaint}
      </button>
      <RepertoireSheet open={open} onOpen={setOpen} paints={paints} />
    </>
  );
}

/** What was understood, by kind. */
function Chips({ judged: { things, colours, scenes, styles } }: { judged: Judged }) {
  const said = (name: string, words: string) => (name.toLowerCase() === words ? name : `${name} (${words})`);
  return (
    <ul className="understood-chips" aria-label={texts.understood}>
      {things.length === 0 && <Chip kind={texts.thing} text={texts.noneFound} />}
      {things.map((thing) => (
        <Chip key={thing.name} kind={texts.thing} text={said(thing.name, thing.said)} />
      ))}
      {colours.map((colour) => (
        <Chip key={colour} kind={texts.colour} text={colour} />
      ))}
      {scenes.length === 0 && <Chip kind={texts.scene} text={texts.noneNamed} />}
      {scenes.map((scene) => (
        <Chip key={scene} kind={texts.scene} text={scene} />
      ))}
      {styles.map((style) => (
        <Chip key={style} kind={texts.style} text={style} />
      ))}
    </ul>
  );
}

function Chip({ kind, text }: { kind: string; text: string }) {
  return (
    <li>
      <span>{kind}: </span>
      {text}
    </li>
  );
}

/** What has no effect, what could stand in its place, and where nothing is left, another model. */
function Missing({ judged: { suggestions, ignored, isLost, excess } }: { judged: Judged }) {
  if (!isLost && ignored.length === 0) return excess === undefined ? null : <span>{excess}</span>;
  return (
    <>
      {isLost && <strong>{texts.nothingPaintable}</strong>}
      {isLost && <Other />}
      {ignored.length > 0 && <span>{texts.noEffect}</span>}
      <ul className="understood-words" aria-label={texts.withoutEffect}>
        {suggestions.map(({ word, texts: others }) => (
          <li key={word}>
            <em>{word}</em>
            {others.map((text) => (
              <button
                key={text}
                type="button"
                aria-label={texts.replaceBy(word, text)}
                onClick={() => replace(word, text)}
              >
                <ArrowRight size={12} aria-hidden="true" />
                {text}
              </button>
            ))}
          </li>
        ))}
      </ul>
    </>
  );
}

/** A way to a model that can: one of their own, or the one that is offered for this device. */
function Other() {
  const own = useLibrary((state) => entriesOf(['model'], state).length > 1);
  if (own) return <span>{texts.anotherOfYourModelsMay}</span>;
  return (
    <button type="button" className="understood-other" onClick={askForFirst}>
      {texts.getOneThatCan}
    </button>
  );
}

function replace(word: string, text: string): void {
  const { prompt } = useSettings.getState().values;
  changeWithUndo(texts.became(word, text), () => changeSettings({ prompt: replaceWord(prompt, word, text) }));
}
