import fc from 'fast-check';
import { vi } from 'vitest';

// A test run finds the same on every machine; other seeds are for looking: FAST_CHECK_SEED=7 npm run test:unit
fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 20261124) });

const { waitFor } = vi;

/** Its own limit of a second says how busy the machine is, not whether something comes. */
const waitPatiently: typeof waitFor = (check, options) =>
  waitFor(check, typeof options === 'number' ? options : { timeout: 60_000, ...options });

// Files that share what is imported come here one after another.
if (waitFor.name !== waitPatiently.name) vi.waitFor = waitPatiently;
