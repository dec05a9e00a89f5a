/** Serves the built page as `npm start` does, and the tiny model beside it. Argument: the port. */
import { resolve } from 'node:path';
import { preview } from 'vite';
import { servesTinyStarter } from './fixtures/tiny-model';

const port = Number(process.argv[2]);
await preview({
  root: resolve(import.meta.dirname, '..'),
  plugins: [servesTinyStarter()],
  preview: { port, strictPort: true },
});
