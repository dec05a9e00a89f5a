import { defineConfig } from 'playwright/test';
import { findChromium, QUIET_CHROMIUM, SOFTWARE_WEBGPU } from '../src/cli/prepare.mjs';

/** Another port lets two checkouts run their browser tests side by side. */
const PORT = Number(process.env.EASEL_E2E_PORT ?? 4179);

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  timeout: 120_000,
  workers: 1, // one picture at a time is what two cores can paint
  forbidOnly: Boolean(process.env.CI),
  // Where other work starves the browser, a test may run out of time; a second run tells that from a fault, and is reported as flaky.
  retries: process.env.CI ? 1 : 0,
  use: {
    baseURL: `http://localhost:${PORT}/`,
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath: findChromium(),
      args: [...QUIET_CHROMIUM, ...SOFTWARE_WEBGPU],
    },
  },
  webServer: {
    command: `npx vite build --logLevel error && npx vite preview --strictPort --port ${PORT}`,
    cwd: '..',
    url: `http://localhost:${PORT}/`,
    timeout: 180_000,
    reuseExistingServer: false,
  },
});
