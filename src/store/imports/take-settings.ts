import { toEaselError } from '../../core/errors';
import { readSettingsText } from '../../core/request/programs/index';
import type { ReadSettings } from '../../core/request/said-settings';
import { useEngine } from '../engine';
import { missingLoras } from '../library/adapters';
import { notify } from '../notices';
import { readApart } from '../reading/read-apart';
import { changeSettings, replaceSettings, settingsUndo, settleSettings } from '../settings/settings';

/** Fills the form with the settings of a picture or a text file; what was there can be put back. */
export async function readSettingsFrom(file: File): Promise<void> {
  try {
    const read = await readApart('readSettings', file);
    if (read === undefined) notify(`No settings found in ${file.name}.`);
    else takeSettings(read, file.name);
  } catch (thrown) {
    notify(`${file.name} could not be read: ${toEaselError(thrown).message}`);
  }
}

/**
 * Fills the form with the settings in a text that is pasted.
 * @returns whether it was taken, or refused by name; a prompt and nothing more is left for whoever pastes it.
 */
export function pasteSettings(text: string): boolean {
  try {
    const read = readSettingsText(text);
    if (read) takeSettings(read, 'the clipboard');
    return read !== undefined;
  } catch (thrown) {
    notify(toEaselError(thrown).message);
    return true;
  }
}

/** Fills the form with the settings that the clipboard holds as text. */
export async function pasteSettingsFromClipboard(): Promise<void> {
  try {
    const text = await navigator.clipboard.readText();
    if (!pasteSettings(text)) notify('The clipboard holds no settings.');
  } catch {
    notify('The browser did not allow reading the clipboard. Paste into the prompt instead.');
  }
}

/** Takes settings that were read, as far as the form can generate with them; what Easel does not have is named. */
export function takeSettings({ request, ignored, notes = [], model }: ReadSettings, from: string): void {
  const undo = settingsUndo();
  if (request.sampler) replaceSettings(request);
  else changeSettings(request);
  const left = [...ignored, ...settleSettings(), ...absentLoras(request.prompt ?? '')];
  const isOpen = model === undefined || model === useEngine.getState().model?.info.name;
  const painted = isOpen ? [] : [`Painted with ${model}, which is not open.`];
  notify([`Settings read from ${from}.`, ...notes, ...painted].join(' '), undo, {
    about: 'settings-read',
    stays: true,
    details: { summary: `Not taken: ${left.length}`, lines: left },
  });
}

const absentLoras = (prompt: string) => missingLoras(prompt).map((name) => `LoRA ${name}: not in your library`);
