import { type FileKind, fileKinds, FILE_KINDS as OF_CORE } from '../core/file-kinds';
import { section } from './section';

const english = Object.fromEntries(
  fileKinds().map((kind) => [kind, { label: OF_CORE[kind].label, description: OF_CORE[kind].description }]),
);

/** What core's table says of each kind of file. */
export const texts = section(
  'fileKinds',
  english as Readonly<Record<FileKind, Record<'label' | 'description', string>>>,
);
