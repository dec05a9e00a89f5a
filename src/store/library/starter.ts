import {
  defaults,
  examples,
  fast,
  files,
  name,
  paints,
  sheets,
  summary,
} from '../../../models/starter/manifest.json' with { type: 'json' };
import scheduler from '../../../models/starter/scheduler/scheduler_config.json' with { type: 'json' };
import type { PictureSheet, Repertoire } from '../../core/repertoire';
import { MODEL_FIELDS, parseFields } from '../../core/request/request';
import type { ModelInfo, ModelSource } from '../../engine/protocol';
import type { EngineState, WantedModel } from '../engine';
import { setFast } from '../settings/fast';
import { usePreferences } from '../settings/preferences';
import { expectModel } from '../settings/settings';
import type { LibraryRecord } from './library-record';

const STARTER_BASE = 'models/starter/';

/** The model that comes with the page, from its own address. */
export const STARTER_SOURCE: ModelSource = { kind: 'url', base: STARTER_BASE };

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

/** Of all its files. */
export const STARTER_BYTES = files.reduce((bytes, { size }) => bytes + size, 0);

/** Its model card says more (models/README.md). */
export const STARTER_LICENCE = 'MIT';

const { lora, ...fewSteps } = fast;

/**
 * What its manifest says of it, built into the page, so that the form and the welcome stand before anything is fetched.
 */
const STARTER_INFO = {
  name,
  summary,
  defaults: parseFields(defaults, MODEL_FIELDS),
  fast: lora ? parseFields(fewSteps, MODEL_FIELDS) : undefined,
  examples,
  paints: paints as Repertoire,
  scheduler: scheduler as ModelInfo['scheduler'],
} satisfies Partial<ModelInfo>;

type KnownInfo = Pick<ModelInfo, 'name'> & Partial<ModelInfo>;

/** What is known of the model that paints next: the open one, or the starter while it is on its way. */
export function knownInfo({ model, status }: EngineState): KnownInfo | undefined {
  if (model) return model.info;
  const comes = status.kind === 'starting' || (status.kind === 'loading' && status.loading.id === STARTER_ID);
  return comes ? STARTER_INFO : undefined;
}

/** Its pictures of the examples and of the things, where it has them, at addresses from the page. */
export const STARTER_SHEETS: Readonly<Partial<Record<'examples' | 'things', PictureSheet>>> = Object.fromEntries(
  Object.entries(sheets).map(([what, sheet]) => [what, { ...sheet, path: STARTER_BASE + sheet.path }]),
);

/** Whether the starter paints next, and its pictures show what it makes. */
export const isStarter = ({ model }: Pick<EngineState, 'model'>) => (model?.id ?? STARTER_ID) === STARTER_ID;

/** A form that nobody has set yet begins as the starter's, on the CPU with few steps. @param onCpu where it will run */
export function expectStarter(onCpu: boolean): void {
  if (expectModel(STARTER_INFO.defaults) && onCpu && STARTER_INFO.fast) setFast(true, STARTER_INFO.fast);
}

/** What of `navigator.gpu` is asked. */
interface Gpu {
  requestAdapter(): Promise<{ info?: { isFallbackAdapter?: boolean } } | null>;
}

/** A browser that takes longer to say so is not waited for: the page should stand. */
const PATIENCE_MS = 150;

/**
 * Whether models will run on the CPU, as far as the page can tell before its engine can: as the person wants it, else
 * where the browser names no graphics card.
 */
export async function expectsCpu(gpu: Gpu | undefined = (navigator as { gpu?: Gpu }).gpu): Promise<boolean> {
  const { device } = usePreferences.getState();
  if (device !== 'auto' || !gpu) return device !== 'webgpu';
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
  const adapter = await Promise.race([gpu.requestAdapter(), late]).catch(() => null);
  return !adapter || adapter.info?.isFallbackAdapter === true;
}
