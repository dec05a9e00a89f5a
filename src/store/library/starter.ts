import type { ModelSource } from '../../engine/protocol';
import type { WantedModel } from '../engine';
import type { LibraryRecord } from './library-record';

/** The model that comes with the page, from its own address. */
export const STARTER_SOURCE: ModelSource = { kind: 'url', base: 'models/starter/' };

export const STARTER_ID = 'starter';

export const STARTER: WantedModel = { id: STARTER_ID, source: STARTER_SOURCE };

/** What is known of it without a visit before. */
export const STARTER_RECORD: LibraryRecord = {
  v: 1,
  id: STARTER_ID,
  kind: 'model',
  name: 'Easel Starter',
  place: { kind: 'bundled' },
  bytes: 0,
  usedAt: 0,
};
