/** Lists of words by their names: what `__name__` stands for in a template. */
export interface Wildcards {
  /**
   * The lines of the list of a name, or of all whose names fit a pattern: `*` and `?` within a folder, `**` beyond,
   * `[ab]`. Names are told apart by their letters, in capitals or not. Undefined where there is none.
   */
  linesOf(pattern: string): readonly string[] | undefined;
}

/** What names are told apart by: folders by slashes, no matter in which case. */
export const wildcardKey = (name: string): string => name.replaceAll('\\', '/').toLowerCase();

/** The lines of a wildcard file: one value each, without empty ones and those that are comments. */
export function wildcardLines(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n?|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/**
 * Lists in memory.
 * @param lists their lines by their names, such as "artists/dutch"
 */
export function wildcardsFrom(lists: Iterable<readonly [name: string, lines: readonly string[]]>): Wildcards {
  const byKey = new Map(Array.from(lists, ([name, lines]) => [wildcardKey(name), lines]));
  const found = new Map<string, readonly string[] | undefined>();
  const find = (key: string): readonly string[] | undefined => {
    const exact = byKey.get(key);
    if (exact || !/[*?[]/.test(key)) return exact;
    const pattern = patternOf(key);
    const fitting = [...byKey.keys()].filter((name) => pattern.test(name)).sort();
    return fitting.length === 0 ? undefined : [...new Set(fitting.flatMap((name) => byKey.get(name) ?? []))];
  };
  return {
    linesOf(pattern) {
      const key = wildcardKey(pattern);
      if (!found.has(key)) found.set(key, find(key));
      return found.get(key);
    },
  };
}

/** Of a pattern, what is no letter of a name. */
const GLOB = /\*\*\/?|\*|\?|\[[^\]/]+\]|[\\^$.+()[\]{}|]/g;

function patternOf(glob: string): RegExp {
  const source = glob.replace(GLOB, (mark) => {
    if (mark.startsWith('**')) return '.*';
    if (mark === '*') return '[^/]*';
    if (mark === '?') return '[^/]';
    return mark.length > 1 ? `[${mark.slice(1, -1).replace(/^!/, '^').replaceAll('\\', '')}]` : `\\${mark}`;
  });
  return new RegExp(`^${source}$`);
}
