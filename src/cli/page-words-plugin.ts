import { join } from 'node:path';
import { type Plugin, runnerImport } from 'vite';

const MANIFEST = 'manifest.webmanifest';

/** Fills the words of index.html from the table of texts, and lays the web app manifest beside the page. */
export function pageWords(): Plugin {
  // Vite reads it: the table's own imports are as the page has them, which Node does not resolve.
  const words = async () =>
    (await runnerImport<typeof import('./page-words')>(join(import.meta.dirname, 'page-words.ts'))).module;
  const manifest = async () => JSON.stringify((await words()).WEB_MANIFEST, undefined, 2);
  return {
    name: 'easel-page-words',
    transformIndexHtml: { order: 'pre', handler: async (html) => (await words()).withWords(html) },
    configureServer(server) {
      server.middlewares.use(`/${MANIFEST}`, async (_, response) => {
        response.setHeader('Content-Type', 'application/manifest+json');
        response.end(await manifest());
      });
    },
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: MANIFEST, source: await manifest() });
    },
  };
}
