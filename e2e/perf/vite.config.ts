import { resolve } from 'node:path';
import { defineConfig } from 'vite';

/** Builds the GPU measurement as a site of its own: `npx vite build --config e2e/perf/vite.config.ts --outDir DIR`. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  build: { target: 'es2023', emptyOutDir: true, rolldownOptions: { input: resolve(import.meta.dirname, 'gpu.html') } },
});
