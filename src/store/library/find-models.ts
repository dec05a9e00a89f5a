import type { StoredModel } from '../../library/files/manifest';
import { familyText } from '../../texts/families';
import { texts } from '../../texts/store';
import type { LibraryEntry } from './library';
import { STARTER_ID } from './starter';

/** What a list of models can be sorted by, as it stands in the choice. */
export const SORT_ORDERS = {
  used: texts.lastUsed,
  name: texts.name,
  size: texts.size,
  family: texts.family,
} as const;

export type SortOrder = keyof typeof SORT_ORDERS;

/**
 * Whether a thing has all of some words in its name, its family, its licence, the address that it came from, or what
 * its file tells of its making.
 * @param stored what the store knows of it
 */
export function matches(words: string, { record }: LibraryEntry, stored: StoredModel | undefined): boolean {
  const { name, facts } = record;
  const told = [
    name,
    facts?.architecture && familyText(facts.architecture),
    facts?.architecture?.id,
    facts?.alias,
    facts?.method,
    facts?.base,
    ...(facts?.triggerWords ?? []),
    stored?.origin?.licence,
    stored?.origin?.page,
  ];
  const text = told.join(' ').toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

const ORDERS: Readonly<Record<SortOrder, (a: LibraryEntry, b: LibraryEntry) => number>> = {
  used: ({ record: a }, { record: b }) => b.usedAt - a.usedAt,
  name: byName,
  size: ({ record: a }, { record: b }) => b.bytes - a.bytes,
  family: (a, b) => familyOf(a).localeCompare(familyOf(b)) || byName(a, b),
};

/** The starter first, as it stands; what is alike stays in the order of the list. */
export function sortedBy(order: SortOrder, entries: readonly LibraryEntry[]): LibraryEntry[] {
  const isStarter = ({ record }: LibraryEntry) => record.id === STARTER_ID;
  const others = entries.filter((entry) => !isStarter(entry)).sort(ORDERS[order]);
  return [...entries.filter(isStarter), ...others];
}

/** "sd 10" comes after "sd 9". */
function byName({ record: a }: LibraryEntry, { record: b }: LibraryEntry): number {
  return a.name.localeCompare(b.name, undefined, { numeric: true, sensitivity: 'base' });
}

/** What is not known comes last. */
const familyOf = ({ record: { facts } }: LibraryEntry) =>
  facts?.architecture ? familyText(facts.architecture) : '\uffff';

/** What stands for all families in the choice of one, and for the things whose family is not known. */
export const ANY_FAMILY = 'any';
export const UNKNOWN_FAMILY = 'unknown';

/** The families of things, by what they are told apart by, in the order of their names. */
export function familiesOf(entries: readonly LibraryEntry[]): { id: string; label: string }[] {
  const families = new Map(
    entries.flatMap(({ record: { facts } }) =>
      facts?.architecture
        ? [[facts.architecture.id, { ...facts.architecture, label: familyText(facts.architecture) }]]
        : [],
    ),
  );
  return [...families.values()].sort((a, b) => a.label.localeCompare(b.label));
}

/** Whether a thing is of a family; every one is of any. */
export const isOfFamily = (family: string, { record }: LibraryEntry): boolean =>
  family === ANY_FAMILY || (record.facts?.architecture?.id ?? UNKNOWN_FAMILY) === family;
