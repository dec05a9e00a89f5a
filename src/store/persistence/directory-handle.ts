import * as v from 'valibot';

/** A folder's handle in a stored record: IndexedDB keeps it whole, though not the leave to read or write. */
export const DirectoryHandleSchema = v.custom<FileSystemDirectoryHandle>(
  (value) => typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'directory',
);
