/** Whether pages may read and write folders here. */
export const canPickFolders = (): boolean => window.showDirectoryPicker !== undefined;

/**
 * Writes a new file into a folder: all of it, or nothing that would pass for it.
 * @param name one that is free there
 * @throws what the browser throws
 */
export async function writeWhole(folder: FileSystemDirectoryHandle, name: string, file: Blob): Promise<void> {
  const handle = await folder.getFileHandle(name, { create: true });
  try {
    const writable = await handle.createWritable();
    try {
      await writable.write(file);
      await writable.close();
    } catch (thrown) {
      await writable.abort().catch(() => undefined);
      throw thrown;
    }
  } catch (thrown) {
    await folder.removeEntry(name).catch(() => undefined);
    throw thrown;
  }
}
