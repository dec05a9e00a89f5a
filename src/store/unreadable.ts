import { notify } from './notices';

/** Says that records are left out: damaged, or written by a newer Easel. They stay where they are, for whoever can read them. */
export const tellUnreadable =
  (thing: string) =>
  (count: number): void =>
    notify(
      `${count === 1 ? `1 ${thing}` : `${count} ${thing}s`} could not be read, and stay${count === 1 ? 's' : ''} on the disk.`,
    );
