/** Texts by name: a sentence, a function that makes one, a list of its parts where elements stand between them. */
export type Section = Readonly<Record<string, unknown>>;

/** A section in another language, from its name and the English one. */
export type Translate = (name: string, english: Section) => Section;

const sections = new Map<string, { english: Section; shown: Section }>();
let translation: Translate | undefined;

/**
 * A section of the table of texts: English as it is written, another language once one was chosen. Sections come with
 * the views that show them, so that what is not shown is not fetched.
 * @throws if two sections have one name
 */
export function section<T extends Section>(name: string, english: T): T {
  if (sections.has(name)) throw new Error(`Two sections of texts are called "${name}".`);
  const shown = { ...english, ...translation?.(name, english) };
  sections.set(name, { english, shown });
  return shown as T;
}

/** A text by its section and the keys to it; undefined where the page has none there, or not yet. */
export function textAt([name, ...keys]: readonly string[]): string | undefined {
  let found: unknown = sections.get(name)?.shown;
  for (const key of keys) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Section)[key];
  }
  return typeof found === 'string' ? found : undefined;
}

/** Every section from now on, and those there are, in another language. */
export function translate(to: Translate): void {
  translation = to;
  for (const [name, { english, shown }] of sections) Object.assign(shown, to(name, english));
}
