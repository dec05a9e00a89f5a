/**
 * npm test: types, lint, unit tests and browser tests, installing what they need. Ends with "N passed, N failed", where
 * types, lint and unused code count as one test each.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin, ensureChromium, ensurePackages, run } from './prepare.mjs';

ensurePackages();
ensureChromium();
const reports = mkdtempSync(join(tmpdir(), 'easel-test-'));
let passed = 0;
let failed = 0;

/** One check that passes or fails as a whole. */
function check(name, command, args) {
  console.log(`\n== ${name}`);
  if (run(bin(command), args) === 0) passed++;
  else failed++;
}

/** A runner that writes its counts to a JSON file. A failure that no count shows still counts as one. */
function suite(name, command, args, report, count, extraEnv = {}) {
  console.log(`\n== ${name}`);
  const code = run(bin(command), args, { env: { ...process.env, ...extraEnv } });
  let counted = { passed: 0, failed: 0 };
  try {
    counted = count(JSON.parse(readFileSync(report, 'utf8')));
  } catch {
    console.error(`${name} wrote no report.`);
    counted.failed = 1;
  }
  if (code !== 0 && counted.failed === 0) counted.failed = 1;
  if (counted.passed + counted.failed === 0) counted.failed = 1;
  passed += counted.passed;
  failed += counted.failed;
}

check('types', 'tsc', ['-b']);
check('lint', 'biome', ['check', '--error-on-warnings']);
check('unused code', 'knip', []);
const unit = join(reports, 'unit.json');
suite(
  'unit tests',
  'vitest',
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${unit}`],
  unit,
  (report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
  }),
);
const browser = join(reports, 'browser.json');
suite(
  'browser tests',
  'playwright',
  ['test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json'],
  browser,
  ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected }),
  { PLAYWRIGHT_JSON_OUTPUT_NAME: browser },
);
rmSync(reports, { recursive: true });
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
