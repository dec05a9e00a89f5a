import { withoutComments } from './comments';

/** How strongly a LoRA acts in each part of a model; 1 is what it was trained at. */
export interface LoraWeights {
  textWeight: number;
  unetWeight: number;
}

/** A LoRA named in a prompt. */
interface LoraMention extends LoraWeights {
  name: string;
}

export interface PromptParts {
  /** The prompt without its angle brackets and comments. */
  prompt: string;
  loras: LoraMention[];
  /** `<kind:...>` of kinds other than LoRA, as they stood: they are taken out too, as A1111 does. */
  unknown: string[];
}

/** What LoRAs are told apart by: a prompt may write a name in another case, or with its file's ending. */
export const loraKey = (name: string): string => name.replace(/\.(?:safetensors|ckpt|pt)$/i, '').toLowerCase();

const IS_LORA = /^(lora|lyco)$/i;
const NETWORK = /<(\w+):([^<>]+)>/g;

/**
 * A1111's extra networks: `<lora:name>`, `<lora:name:0.8>`, `<lora:name:text:unet>` or with `te=0.5`, `unet=1` by name.
 * One weight holds for both; a weight that is no number counts as 1. Of one name the last mention holds.
 */
export function extraNetworks(prompt: string): PromptParts {
  const loras = new Map<string, LoraMention>();
  const unknown: string[] = [];
  const rest = withoutComments(prompt).replace(NETWORK, (whole, kind: string, text: string) => {
    const [name, ...settings] = text.split(':').map((part) => part.trim());
    if (!IS_LORA.test(kind) || name === '') unknown.push(whole);
    else loras.set(loraKey(name), { name, ...weightsOf(settings) });
    return '';
  });
  return { prompt: rest, loras: [...loras.values()], unknown };
}

/** The prompt with a phrase at the end of what it says, which is before the LoRAs that are named at its end. */
export function withPhrase(prompt: string, phrase: string): string {
  const said = withoutNetworksAtEnd(prompt);
  const comma = said === '' || said.endsWith(',') ? '' : ',';
  return [`${said}${comma}`, phrase, prompt.slice(said.length).trim()].filter((part) => part !== '').join(' ');
}

function withoutNetworksAtEnd(prompt: string): string {
  const text = prompt.trimEnd();
  const start = text.lastIndexOf('<');
  const isNetwork = start >= 0 && /^<\w+:[^<>]+>$/.test(text.slice(start));
  return isNetwork ? withoutNetworksAtEnd(text.slice(0, start)) : text;
}

function weightsOf(settings: readonly string[]): LoraWeights {
  const named = (name: string) => settings.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
  const [first, second] = settings.filter((part) => !part.includes('='));
  const textWeight = numberOr(named('te') ?? first, 1);
  return { textWeight, unetWeight: numberOr(named('unet') ?? second, textWeight) };
}

function numberOr(text: string | undefined, fallback: number): number {
  const value = Number(text ?? Number.NaN);
  return text !== '' && Number.isFinite(value) ? value : fallback;
}

/** The prompt with a LoRA called otherwise, its weights as they were. */
export function withLoraCalled(prompt: string, from: string, to: string): string {
  return prompt.replace(NETWORK, (whole, kind: string, text: string) => {
    const [name, ...weights] = text.split(':');
    const isIt = IS_LORA.test(kind) && loraKey(name.trim()) === loraKey(from);
    return isIt ? `<${kind}:${[to, ...weights].join(':')}>` : whole;
  });
}

/**
 * The prompt with a LoRA mentioned at a weight, or at one for the text and one for the UNet, where it stands or at the
 * end; without it when the weight is undefined.
 */
export function withLora(prompt: string, name: string, weight: number | LoraWeights | undefined): string {
  const mention = weight === undefined ? '' : `<lora:${name}:${weightText(weight)}>`;
  let found = false;
  const changed = prompt.replace(NETWORK, (whole, kind: string, text: string) => {
    if (!IS_LORA.test(kind) || loraKey(text.split(':')[0].trim()) !== loraKey(name)) return whole;
    const first = !found;
    found = true;
    return first ? mention : '';
  });
  if (found || mention === '') return changed.replace(/ {2,}/g, ' ').trim();
  return `${changed.trimEnd()} ${mention}`.trim();
}

function weightText(weight: number | LoraWeights): string {
  if (typeof weight === 'number') return String(weight);
  const { textWeight, unetWeight } = weight;
  return textWeight === unetWeight ? String(unetWeight) : `${textWeight}:${unetWeight}`;
}
