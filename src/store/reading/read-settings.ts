import { pictureTexts } from '../../core/image/picture-texts';
import { MAX_TEXT_BYTES } from '../../core/image/text-limit';
import { readSettingsAmong, readSettingsText, SETTINGS_KEYWORDS } from '../../core/request/programs/index';
import type { ReadSettings } from '../../core/request/said-settings';
import { inflate } from './inflate';

/**
 * The settings that a picture carries (PNG, JPEG, WebP; of Easel, A1111 and those like it, ComfyUI, InvokeAI, SwarmUI,
 * Fooocus, NovelAI), or that a text file holds; undefined where there are none.
 * @throws EaselError as `pictureTexts` and `readSettingsAmong` do.
 */
export async function readSettings(file: Blob): Promise<ReadSettings | undefined> {
  if (/^text\/|json$/.test(file.type))
    return file.size > MAX_TEXT_BYTES ? undefined : readSettingsText(await file.text());
  const texts = await pictureTexts(new Uint8Array(await file.arrayBuffer()), SETTINGS_KEYWORDS, inflate);
  return readSettingsAmong(texts);
}
