/** Which of a list's results are chosen. */
export interface Selection {
  chosen: ReadonlySet<string>;
  /** Where a range begins: what was chosen by itself last. */
  anchor?: string;
}

export const NOTHING: Selection = { chosen: new Set() };

/** One result and no other. */
export const only = (id: string): Selection => ({ chosen: new Set([id]), anchor: id });

/** One result more or less. */
export function toggle({ chosen }: Selection, id: string): Selection {
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return { chosen: next, anchor: id };
}

/** From where a range begins to a result, and no other; from the result itself where that is gone. */
export function rangeTo({ anchor = '' }: Selection, id: string, ids: readonly string[]): Selection {
  const [to, from] = [ids.indexOf(id), ids.indexOf(anchor)];
  if (from < 0 || to < 0) return only(id);
  return { chosen: new Set(ids.slice(Math.min(from, to), Math.max(from, to) + 1)), anchor };
}

/** All of a list. */
export const all = (ids: readonly string[]): Selection => ({ chosen: new Set(ids), anchor: ids[0] });
