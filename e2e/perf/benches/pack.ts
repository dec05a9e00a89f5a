/**
 * `npx tsx e2e/perf/benches/pack.ts FOLDER`: `npm run bench` for a machine that has neither Node nor packages, to be
 * unpacked and run there by bench.sh. FOLDER/n has Node, the suites and the page; FOLDER/m the starter, for the suites
 * that paint. Needs tar and xz.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { ROOT } from '../../../src/cli/prepare.mjs';

/** What `ROOT` becomes there: its scripts lie as deep as in the repository. */
const SCRIPTS = 'src/cli';
/** The page of `npm run bench -- store` asks for it by this address; it is a script all the same. */
const STORE_WORKER = 'src/cli/bench/store/page/worker.ts';
const STARTER = 'site/models/starter';

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('Say where to: npx tsx e2e/perf/benches/pack.ts FOLDER');
  process.exit(2);
}
const work = mkdtempSync(join(tmpdir(), 'easel-benches-'));
try {
  await build({ root: ROOT, logLevel: 'warn', build: { outDir: join(work, 'site'), emptyOutDir: true } });
  dropUnused(join(work, 'site', 'assets'));
  await bundleSuites();
  await bundleStoreWorker();
  cpSync(join(ROOT, 'node_modules/playwright-core'), join(work, 'node_modules/playwright-core'), { recursive: true });
  copyFileSync(process.execPath, join(work, 'node'));
  for (const part of ['n', 'm']) mkdirSync(join(folder, part), { recursive: true });
  pack(join(folder, 'm', 'starter.tar'), STARTER);
  rmSync(join(work, STARTER), { recursive: true });
  pack(join(folder, 'n', 'benches.tar.xz'), '.', '--xz');
  copyFileSync(join(import.meta.dirname, 'bench.sh'), join(folder, 'n', 'bench.sh'));
} finally {
  rmSync(work, { recursive: true });
}

/** A browser with JSPI never asks for the other build of onnxruntime. */
function dropUnused(assets: string): void {
  for (const name of readdirSync(assets)) if (name.includes('asyncify') && name.endsWith('.wasm')) rmSync(join(assets, name)); // biome-ignore format: one thought
}

/** All suites for Node, with their packages in them; Vite is stood in for by what serves the page that was built. */
async function bundleSuites(): Promise<void> {
  await build({
    root: ROOT,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    resolve: { alias: { playwright: 'playwright-core', vite: join(import.meta.dirname, 'vite.ts') } },
    ssr: { noExternal: true, external: ['playwright-core'] },
    build: {
      ssr: true,
      target: 'node20',
      outDir: join(work, SCRIPTS),
      emptyOutDir: true,
      rolldownOptions: {
        input: join(ROOT, 'src/cli/bench.ts'),
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
      },
    },
  });
}

async function bundleStoreWorker(): Promise<void> {
  const outDir = join(work, 'worker');
  await build({
    root: ROOT,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    build: {
      target: 'es2023',
      outDir,
      emptyOutDir: true,
      rolldownOptions: {
        input: join(ROOT, STORE_WORKER),
        output: { entryFileNames: 'worker.js', codeSplitting: false },
      },
    },
  });
  mkdirSync(join(work, STORE_WORKER, '..'), { recursive: true });
  renameSync(join(outDir, 'worker.js'), join(work, STORE_WORKER));
  rmSync(outDir, { recursive: true });
}

function pack(archive: string, path: string, ...how: readonly string[]): void {
  execFileSync('tar', ['-c', ...how, '-f', archive, '-C', work, path]);
}
