import { createEngine } from './engine';
import { type Port, serve } from './serve';

serve(globalThis as unknown as Port, createEngine());
