import type { EngineClient } from '../engine/client';

/** The engine as the stores use it; a fake stands in for it in tests. */
export type EnginePort = Omit<EngineClient, 'dispose' | 'rest'>;

let port: EnginePort | undefined;

/** Gives the stores their engine; called once, where the page is put together. */
export function connectEngine(engine: EnginePort): void {
  port = engine;
}

/** The connected engine. */
export function engine(): EnginePort {
  if (!port) throw new Error('The engine is not connected.');
  return port;
}
