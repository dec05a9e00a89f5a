import type { ModelFiles } from '../types';
/** A model's files held in memory. */
export declare function memoryFiles(name: string, contents: Readonly<Record<string, Uint8Array | string>>): ModelFiles;
