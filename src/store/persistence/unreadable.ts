import { notify } from '../notices';

/** Says that records are left out: damaged, or written by a newer Easel. They stay where they are. */
export const tellUnreadable =
  (thing: string) =>
  (count: number): void => {
    const left =
      count === 1 ? `1 ${thing} could not be read, and stays` : `${count} ${thing}s could not be read, and stay`;
    notify(`${left} on the disk.`);
  };
