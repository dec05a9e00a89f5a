import { startRuntime } from '../model/runtime/session';
import { loadTokenizers } from '../model/runtime/tokenizer';
import { connectConversionHelpers } from '../model/weights/conversion';
import { createEngine } from './engine';
import { type Port, serve } from './serve';
import { holdLock } from './spawn';
import { trustOwnFolder } from './trusted-scripts';

const scope = globalThis as unknown as Port & { name: string; postMessage(message: unknown): void };

trustOwnFolder(import.meta.url);
connectConversionHelpers(
  () => new Worker(new URL('../model/weights/conversion-helper.ts', import.meta.url), { type: 'module' }),
);
// Every worker is started to open a model: what that takes of any model begins while the page starts and files are
// fetched.
void startRuntime();
void loadTokenizers().catch(() => undefined); // the model that needs them reports it
serve(scope, createEngine());
holdLock(scope.name, navigator.locks, (message) => scope.postMessage(message));
