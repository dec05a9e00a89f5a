import { type Said, said } from '../core/errors';
import type { GenerationRequest } from '../core/request/request';
import { extraNetworks, loraKey, withLora } from '../core/text/extra-networks';

/** The LoRAs and embeddings that there are, by what prompts call them. */
interface KnownAdapters<Lora, Embedding> {
  loras: readonly Lora[];
  embeddings: readonly Embedding[];
}

/** What a request uses of them. */
interface UsedAdapters<Lora, Embedding> {
  /** With what the prompt calls it. */
  loras: { lora: Lora; mention: string; unetWeight: number; textWeight: number }[];
  embeddings: Embedding[];
  /** LoRAs that the prompt names and that are not there. */
  missing: string[];
  /** What is done otherwise than asked, in a sentence. */
  note?: Said;
}

type Texts = Pick<GenerationRequest, 'prompt' | 'negativePrompt' | 'hires' | 'hiresPrompt' | 'hiresNegativePrompt'>;

/**
 * The one rule for which LoRAs and embeddings a request uses, A1111's: the LoRAs that the prompt names, at the weights
 * it says, and the embeddings whose words stand in any of its texts. Those that only the prompt of a second pass names
 * act in the first, too: weights are merged once a picture. What no text names is left alone, so that the text
 * in a picture says all that made it.
 * @param other a further prompt, at the end of a walk
 */
export function usedAdapters<Lora extends NamedLora, Embedding extends { word: string }>(
  texts: Texts,
  known: KnownAdapters<Lora, Embedding>,
  other = '',
): UsedAdapters<Lora, Embedding> {
  const loras: UsedAdapters<Lora, Embedding>['loras'] = [];
  const missing: string[] = [];
  const named = extraNetworks(texts.prompt).loras;
  const later = texts.hires && texts.hiresPrompt ? extraNetworks(texts.hiresPrompt).loras : named;
  const added = later.filter(({ name }) => !named.some((one) => loraKey(one.name) === loraKey(name)));
  for (const { name, unetWeight, textWeight } of [...named, ...added]) {
    const lora = loraCalled(name, known.loras);
    if (lora) loras.push({ lora, mention: name, unetWeight, textWeight });
    else missing.push(name);
  }
  const note = isSameUse(named, later) ? undefined : BOTH_PASSES;
  return { loras, embeddings: namedEmbeddings(texts, known.embeddings, other), missing, note };
}

const BOTH_PASSES = said`LoRAs act in both passes alike: what the hires prompt says of them otherwise is left out.`;

type NamedLoras = ReturnType<typeof extraNetworks>['loras'];

/** Whether prompts name the same LoRAs at the same weights, in whatever order. */
function isSameUse(one: NamedLoras, other: NamedLoras): boolean {
  const keysOf = (loras: NamedLoras) =>
    loras.map(({ name, unetWeight, textWeight }) => `${loraKey(name)} ${unetWeight} ${textWeight}`).sort();
  return keysOf(one).join('\n') === keysOf(other).join('\n');
}

/** A LoRA by its file's name, and what its training called it. */
interface NamedLora {
  name: string;
  alias?: string;
}

/** Its file's name goes before an alias, and of an alias that several have none is meant, as in A1111. */
function loraCalled<Lora extends NamedLora>(name: string, loras: readonly Lora[]): Lora | undefined {
  const key = loraKey(name);
  const byName = loras.find((one) => one.name === name) ?? loras.find((one) => loraKey(one.name) === key);
  if (byName) return byName;
  const [only, ...others] = loras.filter(({ alias }) => alias !== undefined && loraKey(alias) === key);
  return others.length === 0 ? only : undefined;
}

/** The embeddings whose words stand in a request's texts, in whatever case: also those that a LoRA's file brings. */
export function namedEmbeddings<Embedding extends { word: string }>(
  { prompt, negativePrompt, hiresPrompt, hiresNegativePrompt }: Texts,
  embeddings: readonly Embedding[],
  other = '',
): Embedding[] {
  const texts = [prompt, negativePrompt, hiresPrompt, hiresNegativePrompt, other].join('\n').toLowerCase();
  return embeddings.filter(({ word }) => texts.includes(word.toLowerCase()));
}

/** A prompt that names all of these LoRAs: those that it does not name yet come to its end, at weight 1. */
export function namingLoras(prompt: string, names: readonly string[]): string {
  const named = new Set(extraNetworks(prompt).loras.map(({ name }) => loraKey(name)));
  return names.filter((name) => !named.has(loraKey(name))).reduce((text, name) => withLora(text, name, 1), prompt);
}
