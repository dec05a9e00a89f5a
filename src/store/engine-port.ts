import type { EngineApi, EngineEvent } from '../engine/protocol';

type OnEvent = (event: EngineEvent) => void;

/** The engine as the stores use it: its API, where the calls that report progress take a listener. */
export interface EnginePort extends Pick<EngineApi, 'cancel' | 'countTokens' | 'statistics'> {
  load(request: Parameters<EngineApi['load']>[0], onEvent: OnEvent): ReturnType<EngineApi['load']>;
  generate(request: Parameters<EngineApi['generate']>[0], onEvent: OnEvent): ReturnType<EngineApi['generate']>;
}

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
