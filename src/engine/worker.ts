import { createEngine } from './engine';
import { type Port, serve } from './serve';
import { holdLock } from './spawn';
import { trustOwnFolder } from './trusted-scripts';

const scope = globalThis as unknown as Port & { name: string; postMessage(message: unknown): void };

trustOwnFolder(import.meta.url);
serve(scope, createEngine());
holdLock(scope.name, navigator.locks, (message) => scope.postMessage(message));
