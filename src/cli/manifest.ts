/**
 * npm run manifest -- models/starter
 * Writes the files of a model folder, with size and SHA-256, into its manifest.json; the other fields stay as they are.
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest } from '../model/weights/manifest';
import { openDirectory } from './directory';

const [directory] = process.argv.slice(2);
if (!directory) {
  console.error('usage: npm run manifest -- MODEL_FOLDER');
  process.exit(2);
}
const folder = await openDirectory(directory);
const path = join(directory, 'manifest.json');
const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
/** Pictures for the page are no part of the model. */
const pictures = Object.values((manifest.sheets ?? {}) as Record<string, { path: string }>).map((sheet) => sheet.path);
manifest.files = await Promise.all(
  folder
    .list()
    .filter((file) => file !== 'manifest.json' && !pictures.includes(file))
    .sort()
    .map(async (file) => {
      const sha256 = createHash('sha256')
        .update(await folder.read(file))
        .digest('hex');
      return { path: file, size: folder.size(file), sha256 };
    }),
);
parseManifest(manifest);
await writeFile(path, `${JSON.stringify(manifest, null, 1)}\n`);
console.log(`${path}: ${(manifest.files as unknown[]).length} files`);
