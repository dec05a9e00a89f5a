/**
 * Milliseconds that tasks on the page's thread took: by the clock, and of the thread's own time, which a busy machine
 * does not stretch.
 */
export interface TaskTimes {
  ms: number;
  'own ms': number;
}

/** Chromium's own record of what ran where; times in microseconds, `tdur` the thread's own. */
interface Trace {
  traceEvents: {
    name: string;
    pid: number;
    tid: number;
    dur?: number;
    tdur?: number;
    args: { name?: string };
  }[];
}

/** What a trace of the category `toplevel` needs. */
export const TASK_TRACE = { categories: ['toplevel'] };

/** The longest task on the page's thread, and all of them together, from a trace of the category `toplevel`. */
export function tasksOf(traced: Buffer): { longest: TaskTimes; all: TaskTimes } {
  const { traceEvents }: Trace = JSON.parse(traced.toString());
  const threadOf = ({ pid, tid }: { pid: number; tid: number }) => `${pid} ${tid}`;
  const named = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const pages = new Set(named.map(threadOf));
  const tasks = traceEvents.filter((event) => event.name.endsWith('RunTask') && pages.has(threadOf(event)));
  if (tasks.length === 0) throw new Error('This Chromium records no tasks under the names that are looked for.');
  const times = (time: 'dur' | 'tdur') => tasks.map((task) => (task[time] ?? 0) / 1000);
  const longest = (time: 'dur' | 'tdur') => Math.round(Math.max(...times(time)));
  const all = (time: 'dur' | 'tdur') => Math.round(times(time).reduce((sum, ms) => sum + ms, 0));
  return {
    longest: { ms: longest('dur'), 'own ms': longest('tdur') },
    all: { ms: all('dur'), 'own ms': all('tdur') },
  };
}
