import { defineConfig } from 'playwright/test';
import { findChromium, findHeadlessShell, QUIET_CHROMIUM, SOFTWARE_WEBGPU } from '../src/cli/prepare.mjs';

/**
 * V8 compiles what a page calls often a second time, better. Each visit would spend a third of its time on that, for
 * functions that open a model once; so it begins later, for what paints.
 */
const COMPILE_TWICE_LATER = '--js-flags=--wasm-tiering-budget=1000000000';

/** Memory is measured when it is asked for; else the browser waits for its next collection of garbage, 20 s or more. */
const MEASURE_AT_ONCE = '--enable-blink-features=ForceEagerMeasureMemory';

/**
 * Most tests are about the page: the headless shell shows it for half of the processor's time. These are about what
 * the browser around it does: a graphics process that ends, installing the page, memory by process.
 */
const WHOLE_BROWSER = /(memory|offline|webgpu)\.spec/;

/** Files that take minutes. They begin first, so that all workers end together. */
const LONG = /(canvas|durability|first-picture|lab|models|own-model)\.spec/;

/** Another port lets two checkouts run their browser tests side by side. */
const PORT = Number(process.env.EASEL_E2E_PORT ?? 4179);

const launch = (executablePath: string | undefined) => ({
  executablePath,
  // Where no locale is set, Chromium finds no dropped file whose path has more than ASCII; the tests' names give such
  // paths.
  env: { ...process.env, LC_ALL: 'C.UTF-8' },
  args: [...QUIET_CHROMIUM, ...SOFTWARE_WEBGPU, COMPILE_TWICE_LATER, MEASURE_AT_ONCE],
});

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  // Tests wait for what should come, not for a time: these are far above what anything takes, also where others use the
  // machine.
  timeout: 600_000,
  expect: { timeout: 180_000 },
  projects: [
    { name: 'whole browser', testMatch: WHOLE_BROWSER, use: { launchOptions: launch(findChromium()) } },
    { name: 'minutes', testMatch: LONG, testIgnore: WHOLE_BROWSER },
    { name: 'seconds', testIgnore: [LONG, WHOLE_BROWSER] },
  ],
  // One more than a small machine has cores: half the time a visit waits for its disk, timers and processes.
  workers: 3,
  forbidOnly: Boolean(process.env.CI),
  // Where other work starves the browser, a test may run out of time; a second run tells that from a fault, and is
  // reported as flaky.
  retries: process.env.CI ? 1 : 0,
  use: {
    baseURL: `http://localhost:${PORT}/`,
    viewport: { width: 1280, height: 800 },
    // What one answers, no test can answer in its place. Those that are about it let it in.
    serviceWorkers: 'block',
    launchOptions: launch(findHeadlessShell() ?? findChromium()),
  },
  webServer: {
    command: `npx vite build --logLevel error && npx tsx e2e/serve.ts ${PORT}`,
    cwd: '..',
    url: `http://localhost:${PORT}/`,
    timeout: 180_000,
    reuseExistingServer: false,
  },
});
