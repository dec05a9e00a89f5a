import { createReadStream } from 'node:fs';
import { cp, stat } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { contentSecurity, HARDENING, ISOLATION } from './src/cli/content-security.ts';
import { licences } from './src/cli/licences.ts';
import { pageWords } from './src/cli/page-words-plugin.ts';
import { serviceWorker } from './src/cli/service-worker.ts';

const MODELS = resolve(import.meta.dirname, 'models');
/** The starter, the vocabulary of checkpoints that come as one file, and the lab's example. */
const SERVED = ['starter', 'clip', 'emblems'];

/**
 * Tests that put nothing in place of a module or of a global, and so leave nothing behind: they share what is imported,
 * onnxruntime's WebAssembly too, which is most of their time.
 */
const SHARING = [
  'src/{core,editor,jobs,library,pipeline,model/{architectures,graph,layouts,parts}}/**/*.test.ts',
  'src/model/running/!(gpu-memory).test.ts', // which puts its own in place of onnxruntime
];

/** Serves these folders of `models` in development and copies them beside the built page. */
function bundledModels(): Plugin {
  let outDir = '';
  return {
    name: 'easel-bundled-models',
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir);
    },
    configureServer(server) {
      server.middlewares.use('/models', async (request, response, next) => {
        const file = join(MODELS, decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
        const served = SERVED.some((folder) => file.startsWith(join(MODELS, folder) + sep));
        const found = served ? await stat(file).catch(() => undefined) : undefined;
        if (!found?.isFile()) return next();
        response.setHeader('Content-Length', found.size);
        response.setHeader('Content-Type', extname(file) === '.json' ? 'application/json' : 'application/octet-stream');
        createReadStream(file).pipe(response);
      });
    },
    async closeBundle() {
      if (!outDir) return;
      for (const folder of SERVED) await cp(join(MODELS, folder), join(outDir, 'models', folder), { recursive: true });
    },
  };
}

const { page, worker } = licences();

export default defineConfig(({ command }) => ({
  base: './',
  plugins: [
    react(),
    ...(process.env.VITEST ? [] : [bundledModels(), pageWords(), contentSecurity(), page, serviceWorker()]),
  ],
  server: { headers: ISOLATION },
  preview: { headers: { ...ISOLATION, ...HARDENING } },
  worker: { format: 'es', plugins: () => [worker] },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  build: { target: 'es2023', chunkSizeWarningLimit: 1000, emptyOutDir: command === 'build' },
  test: {
    projects: [
      { extends: true, test: { name: 'sharing', include: SHARING, isolate: false } },
      { extends: true, test: { name: 'rest', include: ['src/**/*.test.ts', 'src/**/*.test.tsx'], exclude: SHARING } },
    ],
    setupFiles: ['src/test-setup.ts'],
    maxWorkers: '100%', // by default one core stays free, which is half of a small machine
    // Far above what anything takes, also where others use the machine; `vi.waitFor` has its own in the setup file.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
  },
}));
