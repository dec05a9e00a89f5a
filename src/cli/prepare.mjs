/**
 * Makes a machine with nothing but Node ready: the packages of package-lock.json, and a browser for the tests. Only
 * Node's own modules here, since it runs before there are others.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');

/** Runs a command with its output shown; returns its exit code. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options,
  });
  if (error) return 127;
  return status ?? 1;
}

/** The path of a local package's program. */
export const bin = (name) => join(ROOT, 'node_modules', '.bin', name);

/** Installs packages when they are missing or are not those of package-lock.json. */
export function ensurePackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const mark = join(ROOT, 'node_modules', '.easel-lock');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return;
  console.log('Installing packages (npm ci) ...');
  const code = run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (code !== 0) {
    console.error('npm ci failed. Check the connection to the npm registry and try again.');
    process.exit(code);
  }
  writeFileSync(mark, lock);
}

/** Nothing that a test did not ask for goes over the network. */
export const QUIET_CHROMIUM = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** WebGPU computed by the CPU, the same on every machine. */
export const SOFTWARE_WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
/**
 * Whether this machine has a graphics card at all. On Linux, Chromium 156 without one never answers a request for an
 * adapter where Vulkan is demanded (`HARDWARE_WEBGPU`).
 */
export function mayHaveCard() {
  return process.platform !== 'linux' || ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'].some((path) => existsSync(path));
}

/** WebGPU on the machine's own card, without a window; Linux reaches it through Vulkan. */
export const HARDWARE_WEBGPU = [
  '--enable-unsafe-webgpu',
  '--ignore-gpu-blocklist',
  ...(process.platform === 'linux'
    ? ['--enable-features=Vulkan', '--use-vulkan=native', '--use-angle=vulkan', '--disable-vulkan-surface']
    : []),
];

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A Chromium on this machine, or undefined. */
export function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // not here
      }
    }
  }
  return undefined;
}

/** Debian's Chromium, and its headless shell, a package of its own. */
const DEBIAN_CHROMIUM = '/usr/lib/chromium/chromium';
const DEBIAN_SHELL = '/usr/lib/chromium/chromium-headless-shell';

/**
 * Chromium's headless shell: the same engine without the browser around it, so that opening a page takes half of the
 * processor's time. Undefined where there is none, or where a person chose the browser.
 */
export function findHeadlessShell() {
  return !process.env.CHROMIUM && existsSync(DEBIAN_SHELL) ? DEBIAN_SHELL : undefined;
}

const isRoot = () => process.getuid?.() === 0;

/** @returns whether apt-get did it */
function aptGet(sudo, ...args) {
  const [command, ...rest] = [...(isRoot() ? [] : sudo), 'apt-get', '-qq', ...args];
  return run(command, rest, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }) === 0;
}

/**
 * Finds a Chromium, or installs Debian's, or else Playwright's own (which is then found without a path). Beside
 * Debian's its headless shell; without that, tests take the browser itself.
 */
export function ensureChromium() {
  if (!findChromium()) installChromium();
  if (process.env.CHROMIUM || !existsSync(DEBIAN_CHROMIUM) || findHeadlessShell()) return;
  console.log('Installing the headless shell of Chromium ...');
  const quietly = ['sudo', '-n']; // nobody is asked for a password for what only saves time
  const installed = aptGet(quietly, 'update') && aptGet(quietly, 'install', '-y', 'chromium-headless-shell');
  if (!installed) console.log('It could not be installed; the tests take longer without it.');
}

function installChromium() {
  console.log('No Chromium found; installing one ...');
  if (aptGet(['sudo'], 'update') && aptGet(['sudo'], 'install', '-y', 'chromium')) return;
  if (run(bin('playwright'), ['install', 'chromium']) === 0) return;
  console.error('No Chromium could be installed. Install one, or set CHROMIUM to its path.');
  process.exit(1);
}
