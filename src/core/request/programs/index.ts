import { EaselError, said } from '../../errors';
import { splitParameters } from '../parameters';
import { type ReadSettings, readSaidSettings, type SaidSettings } from '../said-settings';
import { readComfyUi } from './comfyui';
import { readFooocus } from './fooocus';
import { readInvokeAi } from './invokeai';
import { parseObject } from './json';
import { readNovelAi } from './novelai';
import { readSwarmUi } from './swarmui';

/** The keywords under which programs write their settings into a PNG. */
export const SETTINGS_KEYWORDS: readonly string[] = [
  'parameters',
  'prompt',
  'invokeai_metadata',
  'Software',
  'Description',
  'Comment',
];

/**
 * The settings among the texts of a picture: of A1111 and those that write as it does (Forge, SD.Next, Civitai, Easel),
 * of SwarmUI and Fooocus in the same place, or of InvokeAI, NovelAI or ComfyUI in theirs.
 * @param texts by keyword or EXIF tag
 * @returns undefined where there are none
 * @throws EaselError `unsupported` for JSON of a program that is not known and for a graph without a sampler,
 * `bad-request` for a prompt that is too long.
 */
export function readSettingsAmong(texts: ReadonlyMap<string, string>): ReadSettings | undefined {
  const written = texts.get('parameters') ?? texts.get('UserComment');
  const said =
    (written === undefined ? undefined : saidIn(written)) ??
    readInvokeAi(texts) ??
    readNovelAi(texts) ??
    readComfyUi(texts);
  return said && readSaidSettings(said);
}

/** Of a line that holds none of these, people mean something else. */
const COMMON = ['Steps', 'Sampler', 'Seed', 'CFG scale'];

/**
 * The settings in a text that someone pasted; undefined for one that is a prompt and nothing more.
 * @throws EaselError as `readSettingsAmong`
 */
export function readSettingsText(text: string): ReadSettings | undefined {
  const object = parseObject(text);
  if (!object) {
    const said = splitParameters(text);
    return COMMON.some((key) => said.values.has(key)) ? readSaidSettings(said) : undefined;
  }
  const said = readSwarmUi(object) ?? readFooocus(object) ?? readComfyUi(new Map([['prompt', text]]));
  return said && readSaidSettings(said);
}

/** A text in A1111's place: its own, or JSON of SwarmUI, Fooocus or ComfyUI. */
function saidIn(text: string): SaidSettings | undefined {
  const object = parseObject(text);
  if (!object) return splitParameters(text);
  const settings = readSwarmUi(object) ?? readFooocus(object) ?? readComfyUi(new Map([['prompt', text]]));
  if (settings) return settings;
  throw new EaselError('unsupported', said`These are settings of a program that Easel does not know.`);
}
