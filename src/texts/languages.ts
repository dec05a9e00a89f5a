import { type Section, type Translate, translate } from './section';

/** A language from its file, which has every section. */
export const fromTable =
  (texts: Readonly<Record<string, Section>>): Translate =>
  (name) =>
    texts[name];

/**
 * Languages beside English, by their tags. One is a file with `export const texts: Texts = { ... }` and a line here:
 * `de: async () => fromTable((await import('./de')).texts)`. `en-XA` is what Android calls English with every text
 * marked: set as the browser's language, it shows which words of the page are not in the table.
 */
const LANGUAGES: Readonly<Record<string, () => Promise<Translate>>> = {
  'en-XA': async () => (await import('./marked')).translateMarked,
};

/**
 * Shows the page in the first of the preferred languages that there is; English needs nothing fetched, nor does a
 * language that does not come.
 * @param preferred as navigator.languages
 */
export async function chooseLanguage(preferred: readonly string[]): Promise<void> {
  for (const tag of preferred) {
    if (tag in LANGUAGES) {
      const translation = await LANGUAGES[tag]().catch(() => undefined);
      if (translation === undefined) return;
      translate(translation);
      document.documentElement.lang = tag;
      return;
    }
    if (/^en\b/.test(tag)) return;
  }
}
