/**
 * The names of the PNGs that pictures become: each keeps its own, with `.png` in the place of its ending; of those that
 * would then be of one name (`a.jpg`, `a.webp`), each keeps its ending before the new one. They depend on the list
 * alone, so that a later run finds what an earlier one wrote.
 * @returns the output's name by the input's
 */
export function outputNames(inputs: readonly string[]): ReadonlyMap<string, string> {
  // File systems may tell no case apart.
  const plain = (name: string) => `${name.replace(/\.[^.]+$/, '')}.png`;
  const counts = new Map<string, number>();
  for (const name of inputs) {
    const key = plain(name).toLowerCase();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const isAlone = (name: string) => counts.get(plain(name).toLowerCase()) === 1;
  return new Map(inputs.map((name) => [name, isAlone(name) ? plain(name) : `${name}.png`]));
}
