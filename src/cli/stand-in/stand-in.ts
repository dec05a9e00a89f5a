import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { selfSigned } from './certificate';

/** A request for a file's bytes, as the stand-in saw it. */
export interface SeenRequest {
  method: string;
  host: string;
  /** With its query. */
  address: string;
  headers: IncomingMessage['headers'];
  range?: { start: number; end: number };
}

/** What goes wrong with one answer. */
export interface Fault {
  status?: number;
  headers?: Readonly<Record<string, string | number>>;
  body?: string | Buffer;
  /** The connection breaks after so many bytes of the body. */
  dropAfter?: number;
  /** The connection is silent after so many bytes of the body. */
  stallAfter?: number;
  /** The whole file comes, as if no part had been asked for. */
  ignoreRange?: boolean;
  /** Other bytes in the place of the file's. */
  bytes?: Buffer;
  /** Not even the site's word that pages may read it. */
  closed?: boolean;
  /** Waits so long between two pieces of 64 kB. */
  pieceMs?: number;
}

interface Published {
  bytes: Buffer;
  etag: string;
}

/** A repository of the Hub's stand-in. */
interface Repository {
  files: Map<string, Published>;
  token?: string;
  licence?: string;
}

interface CivitaiVersion {
  file: string;
  bytes: Buffer;
  key?: string;
}

/** Told of each request for a file's bytes, may spoil the answer. */
type Spoil = (request: SeenRequest) => Fault | undefined;

/**
 * The Hub, Civitai and other sites on one port of this machine, over HTTPS with a certificate of its own. Whoever asks
 * must send all hosts there. `huggingface.co` and `civitai.com` hand out signed links to `cdn.example`, whose preflight
 * fails as the real ones' does; `files.example` has plain files; `closed.example` lets no page read anything.
 */
export class StandIn {
  readonly port: number;
  readonly cert: string;
  readonly seen: SeenRequest[] = [];
  spoil: Spoil = () => undefined;
  /** How often a signed link works. */
  linkUses = 1;
  /** Whether the sites tell pages more of an answer than every page may see. */
  exposes = true;
  readonly #repositories = new Map<string, Repository>();
  readonly #versions = new Map<number, CivitaiVersion>();
  readonly #plain = new Map<string, Published>();
  readonly #links = new Map<string, { file: Published; uses: number }>();
  readonly #server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: ReturnType<typeof createServer>, cert: string) {
    this.#server = server;
    this.cert = cert;
    this.port = (server.address() as AddressInfo).port;
    server.on('request', (request, response) => this.#answer(request, response));
    // The server itself knows no connection that is still shaking hands; it would wait for one that then says nothing.
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async open(): Promise<StandIn> {
    const { key, cert } = selfSigned();
    const server = createServer({ key, cert });
    // A connection that ends while a browser begins to use it again would be one fault more than a test asked for.
    server.keepAliveTimeout = 0;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StandIn(server, cert);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Ends every connection, as a network does that goes away. */
  hangUp(): void {
    this.#server.closeAllConnections();
  }

  /** @param name `owner/name` */
  addRepository(
    name: string,
    files: Readonly<Record<string, Buffer>>,
    { token, licence }: { token?: string; licence?: string } = {},
  ): void {
    const published = Object.entries(files).map(([path, bytes]) => [path, publish(bytes)] as const);
    this.#repositories.set(name, { files: new Map(published), token, licence });
  }

  addVersion(id: number, version: CivitaiVersion): void {
    this.#versions.set(id, version);
  }

  /** At `https://files.example/NAME` and `https://closed.example/NAME`. */
  addPlain(name: string, bytes: Buffer): void {
    this.#plain.set(name, publish(bytes));
  }

  #answer(request: IncomingMessage, response: ServerResponse) {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    const url = new URL(request.url ?? '/', `https://${host}`);
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const seen: SeenRequest = {
      method: request.method ?? '',
      host,
      address: url.href,
      headers: request.headers,
      range:
        first === undefined
          ? undefined
          : { start: Number(first), end: last ? Number(last) + 1 : Number.POSITIVE_INFINITY },
    };
    this.seen.push(seen);
    response.on('error', () => undefined);
    if (request.method === 'OPTIONS') return preflight(host, response);
    const path = decodeURIComponent(url.pathname).slice(1);
    switch (host) {
      case 'huggingface.co':
        return this.#hub(path, seen, response);
      case 'civitai.com':
        return this.#civitai(path, url, seen, response);
      case 'cdn.example': {
        const link = this.#links.get(path);
        if (!link || link.uses-- <= 0) return send(response, 403, '<Error><Code>AccessDenied</Code></Error>');
        return this.#file(link.file, seen, response);
      }
      case 'files.example':
      case 'closed.example': {
        const file = this.#plain.get(path);
        if (!file) return send(response, 404, 'Not found');
        return this.#file(file, seen, response);
      }
      default:
        return send(response, 404, 'Not found');
    }
  }

  #hub(path: string, seen: SeenRequest, response: ServerResponse) {
    const api = /^api\/models\/([^/]+\/[^/]+)(?:\/revision\/([^/]+))?$/.exec(path);
    const tree = /^api\/models\/([^/]+\/[^/]+)\/tree\/([^/]+)$/.exec(path);
    const resolve = /^([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    const repository = this.#repositories.get((api ?? tree ?? resolve)?.[1] ?? '');
    // The Hub does not say whether a private one exists.
    if (!repository) return send(response, 401, 'Invalid username or password.', { 'X-Error-Code': 'RepoNotFound' });
    if (resolve) {
      if (repository.token && seen.headers.authorization !== `Bearer ${repository.token}`)
        return send(response, 401, 'Access is restricted.', { 'X-Error-Code': 'GatedRepo' });
      const file = repository.files.get(resolve[3]);
      if (!file) return send(response, 404, 'Entry not found', { 'X-Error-Code': 'EntryNotFound' });
      return this.#redirect(file, 302, response);
    }
    const name = (api ?? tree)?.[1];
    if (api) {
      const { token, licence } = repository;
      return json(response, {
        id: name,
        sha: 'c0ffee0000000000000000000000000000000000',
        gated: token ? 'auto' : false,
        cardData: licence && { license: licence },
      });
    }
    return json(
      response,
      Array.from(repository.files, ([file, { bytes, etag }]) => ({
        type: 'file',
        path: file,
        size: bytes.length,
        oid: 'a9993e364706816aba3e25717850c26c9cd0d89d',
        ...(file.endsWith('.json') ? {} : { lfs: { oid: etag, size: bytes.length, pointerSize: 134 } }),
      })),
    );
  }

  #civitai(path: string, url: URL, seen: SeenRequest, response: ServerResponse) {
    const [, id] = /^api\/(?:v1\/model-versions|download\/models)\/(\d+)$/.exec(path) ?? [];
    const model = /^api\/v1\/models\/(\d+)$/.exec(path);
    const [first] = this.#versions.keys();
    const version = this.#versions.get(Number(model ? first : id));
    if (!version) return json(response, { error: 'Not found' }, 404);
    const described = {
      id: Number(model ? first : id),
      modelId: 7,
      name: 'v1',
      baseModel: 'SD 1.5',
      model: { name: 'Dreamy', type: 'Checkpoint' },
      files: [
        {
          name: version.file,
          type: 'Model',
          primary: true,
          sizeKB: version.bytes.length / 1024,
          hashes: { SHA256: sha256(version.bytes).toUpperCase() },
          downloadUrl: `https://civitai.com/api/download/models/${model ? first : id}`,
        },
      ],
    };
    if (model) return json(response, { id: 7, name: 'Dreamy', type: 'Checkpoint', modelVersions: [described] });
    if (path.startsWith('api/v1/')) return json(response, described);
    const key = url.searchParams.get('token') ?? seen.headers.authorization?.replace('Bearer ', '');
    if (version.key && key !== version.key) return json(response, { error: 'Unauthorized' }, 401);
    return this.#redirect(publish(version.bytes), 307, response);
  }

  #redirect(file: Published, status: number, response: ServerResponse) {
    const link = `signed/${this.#links.size}`;
    this.#links.set(link, { file, uses: this.linkUses });
    send(response, status, '', { Location: `https://cdn.example/${link}` });
  }

  #file(file: Published, seen: SeenRequest, response: ServerResponse) {
    const fault = this.spoil(seen) ?? {};
    const bytes = fault.bytes ?? file.bytes;
    const open = seen.host !== 'closed.example' && !fault.closed;
    const cors = open ? { 'Access-Control-Allow-Origin': '*', ...(this.exposes ? EXPOSED : {}) } : {};
    if (fault.status !== undefined && fault.status >= 300) {
      response.writeHead(fault.status, { ...cors, ...fault.headers });
      response.end(fault.body ?? '');
      return;
    }
    const { range } = seen;
    const part = range && !fault.ignoreRange && fault.body === undefined;
    if (part && range.start >= bytes.length) {
      response.writeHead(416, { ...cors, 'Content-Range': `bytes */${bytes.length}` });
      response.end();
      return;
    }
    const end = part ? Math.min(range.end, bytes.length) : bytes.length;
    const body = fault.body !== undefined ? Buffer.from(fault.body) : part ? bytes.subarray(range.start, end) : bytes;
    response.writeHead(part ? 206 : 200, {
      ...cors,
      ETag: `"${fault.bytes ? sha256(fault.bytes) : file.etag}"`,
      'Content-Type': 'application/octet-stream',
      'Content-Length': body.length,
      ...(part ? { 'Content-Range': `bytes ${range.start}-${end - 1}/${bytes.length}` } : {}),
      ...fault.headers,
    });
    void sendBody(body, fault, response);
  }
}

const EXPOSED = { 'Access-Control-Expose-Headers': 'ETag, Content-Range, X-Error-Code, Retry-After' };

async function sendBody(body: Buffer, fault: Fault, response: ServerResponse): Promise<void> {
  const upTo = fault.dropAfter ?? fault.stallAfter ?? body.length;
  const pieceBytes = fault.pieceMs === undefined ? body.length : 65_536;
  for (let at = 0; at < Math.min(upTo, body.length) && !response.destroyed; at += pieceBytes) {
    const piece = body.subarray(at, Math.min(at + pieceBytes, upTo));
    if (!response.write(piece)) {
      await drained(response);
    }
    if (fault.pieceMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.pieceMs));
  }
  // What was written must leave before the connection breaks.
  if (fault.dropAfter !== undefined) response.write('', () => response.destroy());
  else if (fault.stallAfter === undefined) response.end();
}

/** Waits until more can be sent, or there is nobody to send it to. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}

/** The signed links' host answers none, as the Hub's does not. */
function preflight(host: string, response: ServerResponse): void {
  const allowed = ['huggingface.co', 'civitai.com', 'files.example'].includes(host);
  send(response, allowed ? 204 : 403, '', {
    ...(allowed ? { 'Access-Control-Allow-Headers': 'authorization', 'Access-Control-Allow-Methods': 'GET' } : {}),
  });
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'Access-Control-Allow-Origin': '*', ...EXPOSED, ...headers });
  response.end(body);
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  send(response, status, JSON.stringify(value), { 'Content-Type': 'application/json' });
}

function publish(bytes: Buffer): Published {
  return { bytes, etag: sha256(bytes) };
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
