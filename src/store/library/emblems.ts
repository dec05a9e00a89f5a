import { name } from '../../../models/emblems/manifest.json' with { type: 'json' };
import type { ModelSource } from '../../engine/protocol';
import type { LibraryRecord } from './library-record';

/** Its folder, from the page's address. */
export const EMBLEMS_BASE = 'models/emblems/';

/** The example of the theory, which comes with the page; only the lab asks for it. */
export const EMBLEMS_SOURCE: ModelSource = { kind: 'url', base: EMBLEMS_BASE };

export const EMBLEMS_ID = 'emblems';

/** It comes on the list when it is opened first, and can be taken off again. */
export const EMBLEMS_RECORD: LibraryRecord = {
  v: 1,
  id: EMBLEMS_ID,
  kind: 'model',
  name,
  place: { kind: 'bundled' },
  bytes: 0,
  usedAt: 0,
};
