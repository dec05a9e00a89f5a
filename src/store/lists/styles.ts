import * as v from 'valibot';
import { create } from 'zustand';
import { readStyles, type Style, withStyles, writeStyles } from '../../core/text/styles';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/studio';
import { notify, undoBy } from '../notices';
import type { Database } from '../persistence/database';
import { changeNamed, type NamedChange, takeUpNamed } from './keep-named';
import { createNamedDb, type NamedDb } from './named-db';

interface StylesState {
  /** By their names, in the order of those. */
  styles: ReadonlyMap<string, Style>;
  /** The names of those that come to every prompt, in the order in which they were chosen. */
  chosen: readonly string[];
}

/** The person's styles, as A1111 has them. */
export const useStyles = create<StylesState>(() => ({ styles: new Map(), chosen: [] }));

let db: NamedDb<Style> | undefined;

const RecordSchema = v.object({ v: v.literal(1), name: v.string(), prompt: v.string(), negativePrompt: v.string() });

/** The styles' place on the disk. */
export const createStylesDb = (database: Database): NamedDb<Style> =>
  createNamedDb(database, {
    kind: 'style',
    write: (style) => ({ v: 1, ...style }),
    read: (record) => {
      const read = v.safeParse(RecordSchema, record);
      if (!read.success) return undefined;
      const { v: _, ...style } = read.output;
      return style;
    },
  });

/** Takes up the styles of earlier visits and keeps every change from now on. */
export async function connectStyles(database: NamedDb<Style>): Promise<void> {
  db = database;
  const earlier = await takeUpNamed(database, 'style', texts.stylesUnread);
  show(new Map([...earlier, ...useStyles.getState().styles]));
}

function show(styles: ReadonlyMap<string, Style>): void {
  const sorted = [...styles].sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  useStyles.setState(({ chosen }) => ({
    styles: new Map(sorted),
    chosen: chosen.filter((name) => styles.has(name)),
  }));
}

/** Has a style come to every prompt, or no longer. */
export function chooseStyle(name: string, isChosen: boolean): void {
  useStyles.setState(({ chosen }) => {
    const others = chosen.filter((other) => other !== name);
    return { chosen: isChosen ? [...others, name] : others };
  });
}

/** Prompts in the styles that were chosen. */
export function inStyles<T extends { prompt: string; negativePrompt: string }>(prompts: T): T {
  const { styles, chosen } = useStyles.getState();
  return withStyles(
    prompts,
    chosen.map((name) => styles.get(name)).filter((style) => style !== undefined),
  );
}

/** Keeps styles under their names, and takes those off that are undefined. */
function change(changes: Iterable<NamedChange<Style>>): void {
  show(changeNamed(useStyles.getState().styles, changes, { db, kind: 'style', labelOf: texts.theStyle }));
}

/** Keeps a style; one of its name is replaced. */
export function saveStyle(style: Style): void {
  change([[style.name, style]]);
}

/** Deletes a style, and offers to take it back. */
export function deleteStyle(name: string): void {
  const style = useStyles.getState().styles.get(name);
  if (!style) return;
  change([[name, undefined]]);
  notify(
    texts.deletedStyle(name),
    undoBy(() => change([[name, style]])),
  );
}

/** Adds the styles in a CSV file of A1111's, in place of those of the same names; what is none is told. */
export async function addStyles(file: File): Promise<void> {
  try {
    const styles = readStyles(await file.text());
    const { styles: known } = useStyles.getState();
    const before = styles.map(({ name }) => [name, known.get(name)] as const);
    change(styles.map((style) => [style.name, style] as const));
    notify(
      texts.addedStyles(styles.length),
      undoBy(() => change(before)),
    );
  } catch (thrown) {
    notify(texts.brokenList(file.name, errorText(thrown)));
  }
}

/** All styles as A1111's file. */
export const stylesFile = (): Blob =>
  new Blob([writeStyles([...useStyles.getState().styles.values()])], { type: 'text/csv' });
