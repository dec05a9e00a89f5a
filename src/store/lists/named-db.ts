import { type Database, diskError } from '../persistence/database';

/** Keeps things of one kind by the names that people gave them. */
export interface NamedDb<T> {
  /**
   * Every readable one by its name, in the order of the names.
   * @param onUnreadable is told how many others there are, if any
   */
  all(onUnreadable: (count: number) => void): Promise<Map<string, T>>;
  /** @throws EaselError `quota` where the disk is full, `no-storage` */
  put(name: string, value: T): Promise<void>;
  remove(name: string): Promise<void>;
}

/** How a kind of things lies on the disk. */
interface NamedKind<T> {
  kind: string;
  write(value: T): unknown;
  /** Lifts a stored record to the newest version; undefined for what cannot be read, such as one from a newer Easel. */
  read(record: unknown): T | undefined;
}

/** Things of one kind over IndexedDB. */
export function createNamedDb<T>(database: Database, { kind, read, write }: NamedKind<T>): NamedDb<T> {
  const ofKind = () => IDBKeyRange.bound([kind], [kind, []]);
  return {
    async all(onUnreadable) {
      const opened = await database.opened;
      const [keys, records] = await Promise.all([
        opened.getAllKeys('named', ofKind()),
        opened.getAll('named', ofKind()),
      ]);
      const things = records.map(read);
      const unreadable = things.filter((thing) => thing === undefined).length;
      if (unreadable > 0) onUnreadable(unreadable);
      return new Map(keys.flatMap(([, name], at) => (things[at] === undefined ? [] : [[name, things[at]] as const])));
    },
    put: (name, value) =>
      database.run(async (opened) => {
        try {
          await opened.put('named', write(value), [kind, name]);
        } catch (thrown) {
          throw diskError(thrown);
        }
      }),
    remove: (name) => database.run((opened) => opened.delete('named', [kind, name])),
  };
}
