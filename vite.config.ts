import { createReadStream } from 'node:fs';
import { cp, stat } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** What threads need: only a cross-origin isolated page has SharedArrayBuffer. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const MODELS = resolve(import.meta.dirname, 'models');
const SERVED = 'starter';

/** Serves `models/starter` in development and copies it beside the built page. */
function starterModel(): Plugin {
  let outDir = '';
  return {
    name: 'easel-starter-model',
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir);
    },
    configureServer(server) {
      server.middlewares.use(`/models/${SERVED}`, async (request, response, next) => {
        const file = join(MODELS, SERVED, decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
        const found = file.startsWith(join(MODELS, SERVED) + sep) ? await stat(file).catch(() => undefined) : undefined;
        if (!found?.isFile()) return next();
        response.setHeader('Content-Length', found.size);
        response.setHeader('Content-Type', extname(file) === '.json' ? 'application/json' : 'application/octet-stream');
        createReadStream(file).pipe(response);
      });
    },
    async closeBundle() {
      if (outDir) await cp(join(MODELS, SERVED), join(outDir, 'models', SERVED), { recursive: true });
    },
  };
}

export default defineConfig(({ command }) => ({
  base: './',
  plugins: [react(), ...(process.env.VITEST ? [] : [starterModel()])],
  server: { headers: ISOLATION },
  preview: { headers: ISOLATION },
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  build: { target: 'es2023', chunkSizeWarningLimit: 1000, emptyOutDir: command === 'build' },
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
    setupFiles: ['src/test-setup.ts'],
    testTimeout: 60_000,
  },
}));
