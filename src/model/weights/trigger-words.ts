import * as v from 'valibot';

/** As many as a person looks through. */
const MAX_WORDS = 20;

/** Longer ones are sentences of a caption. In characters. */
const MAX_LENGTH = 80;

/** A tag of at least this share of a set's pictures tells what was trained; a rarer one, what else was to be seen. */
const MIN_SHARE = 0.5;

/** kohya's scripts: how many pictures of each folder have each tag. */
const FrequencySchema = v.fallback(
  v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.record(v.string(), v.number()))),
  {},
);

/**
 * What a prompt says to call up what a LoRA was trained on, as its file's metadata tell: the phrases its maker states
 * (`modelspec.trigger_phrase`), or where none is stated, the tags that most pictures of a training set have
 * (`ss_tag_frequency`), the most frequent first. At most 20; empty where the file says nothing that can be read.
 */
export function triggerWords(metadata: Readonly<Record<string, string | undefined>>): string[] {
  const stated = (metadata['modelspec.trigger_phrase'] ?? '').split(',');
  const words = stated.some((word) => word.trim()) ? stated : frequentTags(metadata.ss_tag_frequency);
  const short = words.map((word) => word.trim()).filter((word) => word !== '' && word.length <= MAX_LENGTH);
  return [...new Set(short)].slice(0, MAX_WORDS);
}

function frequentTags(frequency: string | undefined): string[] {
  const shares: [tag: string, share: number][] = [];
  for (const counts of Object.values(v.parse(FrequencySchema, frequency))) {
    const most = Object.values(counts).reduce((largest, count) => Math.max(largest, count), 1);
    for (const [tag, count] of Object.entries(counts)) shares.push([tag, count / most]);
  }
  return shares
    .filter(([, share]) => share >= MIN_SHARE)
    .sort(([, one], [, other]) => other - one)
    .map(([tag]) => tag);
}
