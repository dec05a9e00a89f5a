/** A model's files by relative path, wherever they live (a folder on disk, the same origin, a Node directory). */
export interface ModelFiles {
  readonly name: string;
  /** Relative paths with forward slashes, as `unet/config.json`. */
  list(): readonly string[];
  size(path: string): number;
  /** Bytes [start, end) of a file; reads only that range where the medium allows. */
  read(path: string, start?: number, end?: number): Promise<Uint8Array>;
  /** A file that lies outside this thread's memory, for helpers that read it on their own. */
  blob?(path: string): Blob | undefined;
}
