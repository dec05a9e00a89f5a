import { mersenneTwister } from '../../core/random';
import { DEFAULT_REQUEST } from '../../core/request/request';
import { completionAt } from '../../core/text/completion';
import { csvRows } from '../../core/text/csv';
import { wildcardsFrom } from '../../core/text/dynamic/wildcards';
import { TagIndex, tagOf } from '../../core/text/tags';
import { batchGrid, resolveGrid } from '../../jobs/grid';
import { JobQueue } from '../../jobs/queue';
import { MACHINE, median, report } from './report';

const TAGS = 100_000;
const PROMPT = 'a girl with blue eyes and silver hair, standing in a sunlit forest, masterpiece, best quality, sea';

/**
 * Completion at each keystroke of a prompt with 100,000 tags, and what a queued job takes beside its picture: in ms of
 * this process.
 */
export async function studio(): Promise<void> {
  const csv = drawnTags();
  const tags = new TagIndex();
  const readMs = cpuMs(() => {
    for (const row of csvRows(csv)) {
      const tag = tagOf(row);
      if (tag) tags.add(tag);
    }
    Array.from(tags.sort());
  });
  const strokes = Array.from({ length: PROMPT.length }, (_, at) =>
    cpuMs(() => completionAt(PROMPT.slice(0, at + 1), at + 1, { tags })),
  );
  const jobs = Array.from({ length: 200 }, queuedMs);
  await report('studio', {
    machine: MACHINE,
    'tags read, ms': readMs.toFixed(0),
    'a keystroke, ms': { median: median(strokes).toFixed(3), longest: Math.max(...strokes).toFixed(2) },
    'a queued job, ms': { median: median(jobs).toFixed(3), longest: Math.max(...jobs).toFixed(2) },
  });
}

/** A list in tag-complete's shape: words of two to four syllables, many of which begin alike. */
function drawnTags(): string {
  const bits = mersenneTwister(1);
  const draw = <T>(from: readonly T[]): T => from[bits() % from.length];
  const word = () => Array.from({ length: 2 + (bits() % 3) }, () => draw('blu sil eye sea for gir hai mas sun lit sta whi'.split(' '))).join(''); // biome-ignore format: one thought
  const row = () => `${word()}_${word()},0,${bits() % 1_000_000},"${word()},${word()}"`;
  return Array.from({ length: TAGS }, row).join('\n');
}

/** A template in the form becomes a job that is taken to be painted, and is over: all but its picture. */
function queuedMs(): number {
  const wildcards = wildcardsFrom([['animal', Array.from({ length: 1000 }, (_, i) => `animal ${i}`)]]);
  const request = { ...DEFAULT_REQUEST, prompt: 'a {red|blue} __animal__ in {2$$snow|rain|fog}', seed: 1 };
  const parent = { id: 'a', recipe: 'text-to-image', request, inputs: [], sink: 'gallery' } as const;
  return cpuMs(() => {
    const queue = new JobQueue();
    queue.enqueue(resolveGrid(batchGrid(parent), wildcards));
    queue.take();
    queue.finish();
  });
}

/** Time of this process, ms: others may keep the machine busy. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
