import { texts } from '../../texts/store';
import { useEngine } from '../engine';
import { notify } from '../notices';
import type { KeyValueStorage } from '../persistence/persisted';
import { rememberPrompt } from '../settings/prompt-history';
import { changeSettings, useSettings } from '../settings/settings';

/** When a start began that has not come to its end; only the first of several counts. */
const KEY = 'easel.start';

/** A start that takes this long is stuck: the form stands within a second, on a slow and busy device within a few. */
const STUCK_MS = 10_000;

/** A page while it shows, for the first time, what it kept: nobody can change a prompt that hangs it there. */
export interface StartWatch {
  /** Whether the start before this one hung. */
  hung: boolean;
  /** Notes that a part of the start begins. */
  begin(): void;
  /** The page answers. */
  end(): void;
  /** The page is left. One that is left soon is reloaded in haste; one that answers only now was stuck. */
  leave(): void;
}

/**
 * Watches over a start by a note that lies in the storage as long as the page may hang. A browser that keeps nothing
 * watches nothing.
 */
export function watchStart(storage: KeyValueStorage, now: () => number = Date.now): StartWatch {
  const age = (): number => {
    const noted = Number(storage.getItem(KEY));
    return noted > 0 ? now() - noted : 0;
  };
  const end = () => storage.removeItem(KEY);
  const hung = age() >= STUCK_MS;
  if (hung) end();
  return {
    hung,
    begin() {
      // Reloading a stuck page again and again makes it no younger.
      if (age() === 0) tryToNote(storage, now());
    },
    end,
    leave() {
      if (age() < STUCK_MS) end();
    },
  };
}

function tryToNote(storage: KeyValueStorage, time: number): void {
  try {
    storage.setItem(KEY, String(time));
  } catch {
    // No room: the settings say so.
  }
}

/** Watches the page while it shows the form, and while a model that has come makes it look at the prompt again. */
export function keepWatch(watch: StartWatch): void {
  watch.begin();
  addEventListener('pagehide', watch.leave);
  useEngine.subscribe(({ model }, before) => {
    if (model === before.model) return;
    watch.begin();
    setTimeout(watch.end); // what shows the model is done by then
  });
}

/**
 * Takes the prompts that the last start hung on out of the form, into the history.
 * @param copy copies a text for the person
 */
export function setPromptsAside(copy: (text: string) => void): void {
  const { prompt, negativePrompt } = useSettings.getState().values;
  if (prompt === '' && negativePrompt === '') return;
  rememberPrompt(negativePrompt);
  rememberPrompt(prompt);
  changeSettings({ prompt: '', negativePrompt: '' });
  notify(
    texts.pageHung,
    { label: texts.putBack, run: () => changeSettings({ prompt, negativePrompt }) },
    {
      stays: true,
      second: { label: texts.copy, run: () => copy([prompt, negativePrompt].filter((text) => text !== '').join('\n')) },
    },
  );
}
