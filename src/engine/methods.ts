import type { EngineApi } from './protocol';

/** What the page may ask of the engine; it cancels a call by a signal. */
export type EngineMethod = Exclude<keyof EngineApi, 'cancel'>;

/** How a call is made and served. */
interface MethodTraits {
  /** How many arguments it takes; on the page, a listener and a signal may follow. */
  args: number;
  /** Waits for the one before; the others are answered at once, between its steps. */
  isExclusive?: true;
  /** Opens files, which may take long without a word: the page then says that it waits. */
  opensFiles?: true;
  /** Needs no model, so that a worker without one can answer. */
  needsNoModel?: true;
}

export const METHODS: Readonly<Record<keyof EngineApi, MethodTraits>> = {
  load: { args: 1, isExclusive: true, opensFiles: true },
  rest: { args: 0, isExclusive: true },
  device: { args: 1, needsNoModel: true },
  identify: { args: 1, needsNoModel: true },
  asSafetensors: { args: 1, needsNoModel: true },
  attach: { args: 2, isExclusive: true, opensFiles: true },
  generate: { args: 2, isExclusive: true },
  walk: { args: 3, isExclusive: true },
  bound: { args: 1, isExclusive: true },
  upscale: { args: 1, isExclusive: true, needsNoModel: true },
  cancel: { args: 1 },
  countTokens: { args: 1 },
  tellHashes: { args: 1 },
  statistics: { args: 0 },
};
