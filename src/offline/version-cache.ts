import { EaselError, said } from '../core/errors';
import { PAGE, type ShippedFile } from './shipped-files';

/** What this needs of a browser. */
interface CachePorts {
  caches: CacheStorage;
  fetch(address: string, init: RequestInit): Promise<Response>;
  /** The page's folder, with a slash at its end. */
  folder: string;
}

const PREFIX = 'easel-version-';

/** Files that are brought at a time: a host answers many small ones sooner side by side. */
const LANES = 4;

/** A host may send `Vary`; what lies here is right for every request. */
const ANY: CacheQueryOptions = { ignoreVary: true };

/**
 * The files of one version in a cache of their own. It answers nothing until it is whole, so that a page has all its
 * files from here or all from the network, and never those of two versions.
 */
export class VersionCache {
  readonly #name: string;
  readonly #files: readonly ShippedFile[];
  readonly #ports: CachePorts;
  #filling: Promise<void> | undefined;
  #whole: boolean | undefined;

  /** @param files what is needed of the version, the page itself among them */
  constructor(version: string, files: readonly ShippedFile[], ports: CachePorts) {
    this.#name = PREFIX + version;
    this.#files = files;
    this.#ports = ports;
  }

  /** What is known of it without a look: undefined until the first. */
  get knownWhole(): boolean | undefined {
    return this.#whole;
  }

  async isWhole(): Promise<boolean> {
    const { caches, folder } = this.#ports;
    this.#whole ??= (await caches.match(folder + PAGE, { ...ANY, cacheName: this.#name })) !== undefined;
    return this.#whole;
  }

  /** What the version holds at an address; undefined for others, and while it is not whole. */
  async match(address: string): Promise<Response | undefined> {
    const file = this.#fileAt(address);
    if (!file || !(await this.isWhole())) return undefined;
    return this.#ports.caches.match(this.#addressOf(file), { ...ANY, cacheName: this.#name });
  }

  /**
   * Brings every file and then the page: from what was brought before, from the caches of other versions, from the
   * browser's HTTP cache, where what the page has fetched lies, or anew; each only where its SHA-256 is right.
   * @throws EaselError naming the file: `offline` where it does not come, `corrupt` where it is not the one that was
   *   built; QuotaExceededError
   */
  fill(): Promise<void> {
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined;
    });
    return this.#filling;
  }

  /** Removes the caches of other versions. */
  async removeOthers(): Promise<void> {
    const { caches } = this.#ports;
    await Promise.all((await this.#others()).map((name) => caches.delete(name)));
  }

  async #fill(): Promise<void> {
    if (await this.isWhole()) return;
    const { caches } = this.#ports;
    const cache = await caches.open(this.#name);
    const others = await Promise.all((await this.#others()).map((name) => caches.open(name)));
    const left = this.#files.filter(({ path }) => path !== PAGE);
    const lane = async () => {
      for (let file = left.shift(); file; file = left.shift()) await this.#bring(file, cache, others);
    };
    const lanes = Array.from({ length: LANES }, () =>
      lane().catch((thrown) => {
        left.length = 0; // where one cannot be had, the others are of no use yet
        throw thrown;
      }),
    );
    await Promise.allSettled(lanes); // nothing goes on after this has failed
    await Promise.all(lanes);
    for (const page of this.#files.filter(({ path }) => path === PAGE)) await this.#bring(page, cache, []);
    this.#whole = true;
  }

  async #bring(file: ShippedFile, cache: Cache, others: readonly Cache[]): Promise<void> {
    const address = this.#addressOf(file);
    const kept = await cache.match(address, ANY);
    if (kept && (await isFile(file, kept))) return;
    for (const other of others) {
      const found = await other.match(address, ANY);
      if (found && (await isFile(file, found.clone()))) return cache.put(address, found);
    }
    const response = await this.#fetch(file, address);
    // One that came by a redirect is refused in the place of a page.
    await cache.put(address, response.redirected ? new Response(response.body, response) : response);
  }

  /** The page is asked of the server in any case: only where that still has this version, its files belong together. */
  async #fetch(file: ShippedFile, address: string): Promise<Response> {
    const ways: readonly RequestCache[] = file.path === PAGE ? ['no-cache'] : ['force-cache', 'reload'];
    for (const cache of ways) {
      const response = await this.#ports.fetch(address, { cache, credentials: 'same-origin' }).catch((cause) => {
        throw new EaselError('offline', said`${nameOf(file)} did not come. It is tried again on the next visit.`, {
          cause,
        });
      });
      if (response.ok && (await isFile(file, response.clone()))) return response;
    }
    const message = said`${nameOf(file)} on the server is not the one of this version. Reload the page. If you host it: send all of dist as it was built.`;
    throw new EaselError('corrupt', message);
  }

  async #others(): Promise<readonly string[]> {
    return (await this.#ports.caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== this.#name);
  }

  #addressOf({ path }: ShippedFile): string {
    return this.#ports.folder + encodeURI(path);
  }

  /** Hosts serve the page as its folder and by its name; what follows "?" is for the page. */
  #fileAt(address: string): ShippedFile | undefined {
    const { origin, pathname } = new URL(address);
    const at = (origin + pathname).replace(/\/index\.html$/, '/');
    return this.#files.find((file) => this.#addressOf(file) === at);
  }
}

const nameOf = ({ path }: ShippedFile) => (path === PAGE ? 'index.html' : path);

/** Whether a response holds the file that was built; reads it to its end. */
async function isFile({ bytes, sha256 }: ShippedFile, response: Response): Promise<boolean> {
  const content = await response.arrayBuffer();
  if (content.byteLength !== bytes) return false;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === sha256;
}
