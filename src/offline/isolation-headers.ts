/** What makes a page cross-origin isolated, by which values. Without it there is no SharedArrayBuffer: one thread. */
const ISOLATING: Readonly<Record<string, readonly [sent: string, ...others: string[]]>> = {
  'Cross-Origin-Opener-Policy': ['same-origin'],
  'Cross-Origin-Embedder-Policy': ['require-corp', 'credentialless'],
};

const ISOLATED: readonly RequestDestination[] = ['document', 'iframe', 'worker', 'sharedworker'];

/** Pages need the headers, and the scripts of workers, which must be as isolated as the page that starts them. */
export const needsIsolation = (destination: RequestDestination): boolean => ISOLATED.includes(destination);

/**
 * The response with the headers that make a page cross-origin isolated, where its host does not send them. Any other
 * response is returned as it is: a browser keeps the compiled code of scripts and WebAssembly only with what came from
 * the network or a cache.
 */
export function isolated(response: Response, destination: RequestDestination): Response {
  // Those cannot be rebuilt.
  if (response.type === 'opaque' || response.type === 'opaqueredirect') return response;
  if (!needsIsolation(destination)) return response;
  const missing = Object.entries(ISOLATING).filter(([name, values]) => {
    const sent = response.headers.get(name);
    return sent === null || !values.includes(sent);
  });
  if (missing.length === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, [value]] of missing) headers.set(name, value);
  const { status, statusText } = response;
  const isBodiless = [101, 204, 205, 304].includes(status);
  return new Response(isBodiless ? null : response.body, { status, statusText, headers });
}
