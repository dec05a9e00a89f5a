/** The forms of a word by number that a language has: English knows `one` and `other`. */
export type Forms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

/** What chooses the form that goes with a number in a language. @param tag BCP 47 */
export function pluralIn(tag: string): (count: number, forms: Forms) => string {
  let rules: Intl.PluralRules | undefined; // its first use takes time that the page's start has not
  return (count, forms) => {
    rules ??= new Intl.PluralRules(tag);
    return forms[rules.select(count)] ?? forms.other;
  };
}
