import type { IncomingMessage, ServerResponse } from 'node:http';
import { EaselError, said } from '../../core/errors';
import type { ModelFiles } from '../../model/weights/model-files';

/** Where the page finds the folder: `list` names its files, `file/PATH?start=A&end=B` gives bytes [A, B) of one. */
export const FILES_AT = '/parity-files/';

/**
 * A request handler that offers a folder's files, and nothing else, under `FILES_AT`; `fetchedFiles` is its other end.
 */
export function serveFiles(files: ModelFiles) {
  return async (request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!url.pathname.startsWith(FILES_AT)) return next();
    const [kind, ...rest] = url.pathname.slice(FILES_AT.length).split('/');
    try {
      if (kind === 'list') {
        const sizes = Object.fromEntries(files.list().map((path) => [path, files.size(path)]));
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ name: files.name, sizes }));
        return;
      }
      const path = rest.map(decodeURIComponent).join('/');
      if (kind !== 'file' || !files.list().includes(path))
        throw new EaselError('bad-request', said`There is no ${path}.`);
      const edge = (name: string) => Number(url.searchParams.get(name));
      response.setHeader('Content-Type', 'application/octet-stream');
      response.end(await files.read(path, edge('start'), edge('end')));
    } catch (error) {
      response.statusCode = 404;
      response.end(error instanceof Error ? error.message : String(error));
    }
  };
}
