/** A file of the built page. */
export interface ShippedFile {
  /** From the page's folder; the page itself, which a host serves as the folder, is ''. */
  path: string;
  bytes: number;
  /** Of what it holds, in hexadecimal. */
  sha256: string;
}

/** What one build ships, as it is written into its service worker. */
export interface ShippedVersion {
  /** Names the build by its files: two with the same files are one version. */
  version: string;
  files: readonly ShippedFile[];
}

/** The page itself. A cache that holds it is whole, since it comes after all others. */
export const PAGE = '';

/**
 * What this browser needs of a version: onnxruntime comes in two builds of WebAssembly, 17 and 27 MB, of which a
 * browser runs one (`model/runtime/ort.ts`).
 * @param scope what tells whether the browser can suspend WebAssembly
 */
export function neededFiles(
  files: readonly ShippedFile[],
  scope: { WebAssembly: object } = globalThis,
): readonly ShippedFile[] {
  const other = 'Suspending' in scope.WebAssembly ? /\.asyncify-[^/]*\.wasm$/ : /\.jspi-[^/]*\.wasm$/;
  return files.filter(({ path }) => !other.test(path));
}
