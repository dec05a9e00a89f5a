import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright';
import { findChromium, findHeadlessShell, QUIET_CHROMIUM } from '../../prepare.mjs';

/** A headless Chromium over a profile on the disk. */
export interface OwnBrowser {
  readonly context: BrowserContext;
  /** Ends it as a crash does: nothing that it has not written is written any more. */
  kill(): Promise<void>;
  /** Ends it as a person does. */
  close(): Promise<void>;
}

/** What a browser keeps between two starts. */
export interface Profile {
  start(): Promise<OwnBrowser>;
  remove(): Promise<void>;
}

/** Which cores of the machine a browser has to itself, as in `0-3`. */
export type Cores = string | undefined;

const TASKSET = '/usr/bin/taskset';

/**
 * @param flags for Chromium beside the usual ones
 * @param cores where it may run: beside others of its kind, a browser would start threads for all cores of the machine
 */
export async function newProfile(flags: readonly string[] = [], cores?: Cores): Promise<Profile> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-profile-'));
  const pinned = cores && existsSync(TASKSET) ? [TASKSET, '--cpu-list', cores] : [];
  return {
    start: () => startBrowser(folder, pinned, flags),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 10 }),
  };
}

/** Started by hand, since playwright does not tell the process of a browser with a profile, and ends it gently. */
async function startBrowser(folder: string, pinned: readonly string[], flags: readonly string[]): Promise<OwnBrowser> {
  const debugging = ['--remote-debugging-port=0', `--user-data-dir=${folder}`];
  const args = [...QUIET_CHROMIUM, ...flags, '--headless=new', ...debugging];
  const program = findHeadlessShell() ?? findChromium() ?? chromium.executablePath();
  const [command, ...rest] = [...pinned, program, ...args, '--no-first-run', 'about:blank'];
  const child = spawn(command, rest, {
    detached: true, // a process group of its own, to be killed as a whole
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  const end = () => process.kill(-(child.pid as number), 'SIGKILL');
  process.once('exit', end); // a bench that fails leaves none behind
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      process.off('exit', end);
      resolve();
    }),
  );
  const address = await new Promise<string>((resolve, reject) => {
    let heard = '';
    child.once('exit', () => reject(new Error(`Chromium did not start: ${heard}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
      const [, found] = /DevTools listening on (\S+)/.exec(heard) ?? [];
      if (found) resolve(found);
    });
  });
  const browser = await chromium.connectOverCDP(address);
  return {
    context: browser.contexts()[0],
    async kill() {
      end();
      await ended;
    },
    async close() {
      const devtools = await browser.newBrowserCDPSession();
      await devtools.send('Browser.close').catch(() => undefined); // it may be gone before it answers
      await ended;
    },
  };
}
