/** The port to where files are kept: OPFS in the browser, memory or a folder of the disk in tests. */
export interface StorageDirectory {
  list(): Promise<readonly StoredFile[]>;
  /** Opens a file for reading and writing at any place, and makes it where it is not there. One opener at a time. */
  open(name: string): Promise<StorageFile>;
  /** What a file holds, to be read as slices; undefined where there is none. */
  blob(name: string): Promise<Blob | undefined>;
  /** Nothing where there is none. */
  remove(name: string): Promise<void>;
  /** Moves a file to another folder of the same disk, at once; left out where that cannot be done. */
  moveTo?(name: string, folder: StorageDirectory, as: string): Promise<void>;
}

interface StoredFile {
  name: string;
  bytes: number;
}

export interface StorageFile {
  size(): Promise<number>;
  /** As many bytes as there are of those asked for. */
  read(at: number, length: number): Promise<Uint8Array>;
  write(at: number, bytes: Uint8Array): Promise<void>;
  truncate(size: number): Promise<void>;
  /** What was written before outlives a loss of power. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
