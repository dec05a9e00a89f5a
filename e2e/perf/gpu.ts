/**
 * The page that `run.py` opens on a machine with a GPU: it calls `perf(suite, options)` and keeps what that resolves
 * to.
 */
import type { Suite, SuiteOptions } from './page';
import { sd15, sdxl } from './suites/checkpoint';
import { converge } from './suites/converge';
import { kernels } from './suites/kernels';
import { layers } from './suites/layers';
import { lora } from './suites/lora';
import { names } from './suites/names';
import { networks } from './suites/networks';
import { overflow } from './suites/overflow';
import { peaks } from './suites/peaks';
import { profile } from './suites/profile';
import { prompts } from './suites/prompts';
import { samplers } from './suites/samplers';
import { sd21 } from './suites/sd21';
import { starter } from './suites/starter';
import { swaps } from './suites/swaps';
import { things } from './suites/things';
import { upscale } from './suites/upscale';

const SUITES: Readonly<Record<string, Suite>> = {
  starter,
  networks,
  kernels,
  layers,
  // Apart: with the page's own packages in it, the entry would hold what onnxruntime's threads import.
  live: async (options) => (await import('./suites/live')).live(options),
  samplers,
  converge,
  names,
  overflow,
  peaks,
  profile,
  prompts,
  sd15,
  sdxl,
  shortage: async (options) => (await import('./suites/shortage')).shortage(options),
  sd21,
  lora,
  swaps,
  upscale,
  things,
};

declare global {
  interface Window {
    perf(suite: string, options: Omit<SuiteOptions, 'files'>): Promise<object>;
  }
}

async function adapter(): Promise<object | undefined> {
  const found = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!found) return undefined;
  const { vendor, architecture, device, description } = found.info;
  return { vendor, architecture, device, description, half: found.features.has('shader-f16') };
}

window.perf = async (suite, options) => {
  const { files } = document.querySelector('input') as HTMLInputElement;
  const started = performance.now();
  const measured = await SUITES[suite]({ ...options, files: [...(files ?? [])] });
  const seconds = Math.round((performance.now() - started) / 1000);
  return { suite, adapter: await adapter(), jspi: 'Suspending' in WebAssembly, seconds, ...measured };
};
