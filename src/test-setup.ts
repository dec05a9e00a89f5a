import fc from 'fast-check';

// A test run finds the same on every machine; other seeds are for looking: FAST_CHECK_SEED=7 npm run test:unit
fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 20261124) });
