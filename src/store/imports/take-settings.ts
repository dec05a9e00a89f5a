import { templatesIn, withoutTemplates } from '../../core/request/dynamic-prompts';
import { hashName, type NamedHash } from '../../core/request/file-hashes';
import { readSettingsText } from '../../core/request/programs/index';
import type { GenerationRequest } from '../../core/request/request';
import type { ReadSettings } from '../../core/request/said-settings';
import { saysWord } from '../../core/text/embedding-words';
import { withLoraCalled } from '../../core/text/extra-networks';
import { errorText, sentenceText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { texts as studio } from '../../texts/studio';
import { useEngine } from '../engine';
import { takeAxes } from '../jobs/paint-plot';
import { missingLoras, usedRecords } from '../library/adapters';
import { chooseVae, vaeCalled } from '../library/autoencoders';
import { entryOf, recordOfHash } from '../library/library';
import { missingUpscaler } from '../library/upscalers';
import { notify, undoBy } from '../notices';
import { readApart } from '../reading/read-apart';
import { changeSettings, replaceSettings, settingsUndo, settleSettings } from '../settings/settings';

/** Fills the form with the settings of a picture or a text file; what was there can be put back. */
export async function readSettingsFrom(file: File): Promise<void> {
  try {
    const read = await readApart('readSettings', file);
    if (read === undefined) notify(texts.noSettingsFoundIn(file.name));
    else takeSettings(read, file.name);
  } catch (thrown) {
    notify(texts.unread(file.name, errorText(thrown)));
  }
}

/**
 * Fills the form with the settings in a text that is pasted.
 * @returns whether it was taken, or refused by name; a prompt and nothing more is left for whoever pastes it.
 */
export function pasteSettings(text: string): boolean {
  try {
    const read = readSettingsText(text);
    if (read) takeSettings(read, texts.theClipboard);
    return read !== undefined;
  } catch (thrown) {
    notify(errorText(thrown));
    return true;
  }
}

/** Fills the form with the settings that the clipboard holds as text. */
export async function pasteSettingsFromClipboard(): Promise<void> {
  try {
    const text = await navigator.clipboard.readText();
    if (!pasteSettings(text)) notify(texts.clipboardHasNone);
  } catch {
    notify(texts.clipboardNotAllowed);
  }
}

/** Takes settings that were read, as far as the form can generate with them; what Easel does not have is named. */
export function takeSettings(read: ReadSettings, from: string): void {
  const { ignored, notes = [], loraHashes = [], embeddingHashes = [], plot } = read;
  const request = withKnownLoras(read.request, loraHashes);
  const undo = settingsUndo();
  if (request.sampler) replaceSettings(request);
  else changeSettings(withoutTemplates(request));
  const vae = takeVae(read);
  const absent = [...absentLoras(request.prompt ?? '', loraHashes), ...absentEmbeddings(request, embeddingHashes)];
  const left = [...ignored, ...settleSettings(), ...absent, ...absentUpscaler(request), ...vae.left];
  const template = templatesIn(request);
  const putAxesBack = plot && takeAxes(plot);
  const undoAll = undoBy(() => {
    undo.run();
    putAxesBack?.();
    vae.putBack?.();
  });
  const said = [
    texts.settingsRead(from),
    ...(plot ? [studio.axesTaken(plot.length)] : []),
    ...notes.map(sentenceText),
    ...paintedWith(read),
    ...vae.said,
  ];
  notify(said.join(' '), undoAll, {
    about: 'settings-read',
    stays: true,
    second: template && { label: studio.useTemplate, run: () => changeSettings(template) },
    details: { summary: texts.notTaken(left.length), lines: left },
  });
}

/** LoRAs that are here under another name are called by that, as A1111 does. */
function withKnownLoras(request: Partial<GenerationRequest>, hashes: readonly NamedHash[]): Partial<GenerationRequest> {
  let { prompt } = request;
  if (prompt === undefined) return request;
  for (const missing of missingLoras(prompt)) {
    const hash = hashOf(missing, hashes);
    const known = hash === undefined ? undefined : recordOfHash(['lora'], hash);
    if (known) prompt = withLoraCalled(prompt, missing, known.name);
  }
  return { ...request, prompt };
}

/** How the hash of a LoRA begins. */
const hashOf = (name: string, hashes: readonly NamedHash[]) => new Map(hashes).get(hashName(name));

function absentLoras(prompt: string, hashes: readonly NamedHash[]): string[] {
  return missingLoras(prompt).map((name) => {
    const hash = hashOf(name, hashes);
    return hash === undefined ? texts.loraAbsent(name) : texts.loraHashAbsent(name, hash);
  });
}

/** Embeddings that the texts say, by the hashes that came along, and that are not here. */
function absentEmbeddings(
  { prompt = '', negativePrompt = '' }: Partial<GenerationRequest>,
  hashes: readonly NamedHash[],
): string[] {
  const here = new Set(usedRecords({ prompt, negativePrompt }).map(({ name }) => name.toLowerCase()));
  const said = hashes.filter(([word]) => saysWord(`${prompt}\n${negativePrompt}`, word));
  return said
    .filter(([word]) => !here.has(word.toLowerCase()))
    .map(([word, hash]) => texts.embeddingAbsent(word, hash));
}

/** The form keeps its name, for when its file comes. */
function absentUpscaler(request: Partial<GenerationRequest>): string[] {
  const name = missingUpscaler(request);
  return name === undefined ? [] : [texts.upscalerAbsent(name)];
}

/** Which model it was, where that is not the open one. */
function paintedWith({ model, modelHash }: ReadSettings): string[] {
  const open = useEngine.getState().model;
  const known = modelHash === undefined ? undefined : recordOfHash(['model'], modelHash);
  if (model === undefined || model === open?.info.name || (known && known.id === open?.id)) return [];
  const isRenamed = known !== undefined && known.name !== model;
  return [isRenamed ? texts.paintedWithKnown(model, known.name) : texts.paintedWith(model)];
}

/**
 * Chooses the autoencoder that a picture was painted with for the open model, where that is the picture's. The text of
 * a plot over several is that of its first cell.
 */
function takeVae(read: ReadSettings): { said: string[]; left: string[]; putBack?: () => void } {
  const { vae, vaeHash, plot } = read;
  if (vae === undefined || plot?.some(({ id }) => id === 'vae')) return { said: [], left: [] };
  const known = vaeCalled(vae, vaeHash);
  const { model } = useEngine.getState();
  if (!known) {
    const isNamed = vaeHash !== undefined && vaeHash !== vae.toLowerCase();
    return { said: [], left: [isNamed ? texts.vaeHashAbsent(vae, vaeHash) : texts.vaeAbsent(vae)] };
  }
  if (!model || paintedWith(read).length > 0) return { said: [], left: [texts.vaeOfOther(known.name)] };
  const before = entryOf(model.id)?.record.choices?.vae;
  if (before === known.id) return { said: [], left: [] };
  const chosen = chooseVae(model.id, known.id);
  const putBack = () => void chosen.then(() => chooseVae(model.id, before));
  return { said: [texts.vaeTaken(known.name)], left: [], putBack };
}
