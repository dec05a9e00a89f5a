/**
 * Trusted Types, as far as they are used here; browsers without them, and pages without a policy for them, start
 * scripts from any text.
 */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL?(address: string): string | null; createHTML?(html: string): string | null },
  ): { createScriptURL(address: string): unknown };
}

const factory = () => (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;

/**
 * Makes these the only addresses that the page starts scripts from. Returns what turns each of them into what `new
 * Worker` and `register` take, and throws for any other.
 */
export function trustScripts(addresses: readonly string[], types = factory()): (address: string) => string {
  const checked = (address: string) => {
    if (addresses.includes(address)) return address;
    throw new TypeError(`${address} is not a script of Easel's.`);
  };
  const policy = types?.createPolicy('easel', { createScriptURL: checked });
  // For libraries: Radix's list sets a style sheet as markup. Text without a tag makes no element.
  types?.createPolicy('default', { createHTML: (html) => (html.includes('<') ? null : html) });
  return (address) => (policy ? (policy.createScriptURL(address) as string) : checked(address));
}

/**
 * Lets the libraries of a worker start further ones (onnxruntime's threads) from the folder of the worker's own script,
 * and no other.
 */
export function trustOwnFolder(script: string, types = factory()): void {
  const folder = new URL('.', script).href;
  types?.createPolicy('default', {
    createScriptURL: (address) => (new URL(address, script).href.startsWith(folder) ? address : null),
  });
}
