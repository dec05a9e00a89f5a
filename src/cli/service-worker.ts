import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { build, type Plugin } from 'vite';
import type { ShippedFile, ShippedVersion } from '../offline/shipped-files';

const ENTRY = resolve(import.meta.dirname, '../offline/service-worker.ts');
const FILE = 'service-worker.js';

/**
 * What the page does not need: the worker itself, what only an installer shows, texts for whoever hosts it, and the
 * lab's example, which few ask for.
 */
const NOT_NEEDED = /^(service-worker\.js|licences\.txt|screenshots\/.*|models\/emblems\/.*|.*\.map)$/;

/**
 * Lays the service worker beside the built page, with the list of all that was built written into it. One file under a
 * name that stays: a browser tells a new version by it.
 */
export function serviceWorker(): Plugin {
  let outDir: string | undefined;
  return {
    name: 'easel-service-worker',
    apply: 'build',
    configResolved: (config) => {
      outDir = resolve(config.root, config.build.outDir);
    },
    closeBundle: {
      // After the models were copied.
      order: 'post',
      sequential: true,
      async handler(error?: Error) {
        if (!error && outDir !== undefined) await writeServiceWorker(outDir);
      },
    },
  };
}

/** Writes the service worker of the built page in a folder, in place of one that is there. */
export async function writeServiceWorker(folder: string): Promise<void> {
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: { SHIPPED: JSON.stringify(shippedVersion(folder)) },
    build: {
      target: 'es2023',
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: { input: ENTRY, output: { format: 'iife', entryFileNames: FILE } },
    },
  });
}

/** All that the page in a folder may ask for, by path and SHA-256; the version's name follows from these alone. */
export function shippedVersion(folder: string): ShippedVersion {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .filter((path) => !NOT_NEEDED.test(path))
    .sort()
    .map((path): ShippedFile => {
      const content = readFileSync(join(folder, path));
      // The page goes by its folder: `PAGE`.
      return { path: path === 'index.html' ? '' : path, bytes: content.length, sha256: sha256(content) };
    });
  return { version: sha256(JSON.stringify(files)).slice(0, 16), files };
}

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
