/**
 * npm run parity -- DIR|--layers [--drawn COUNT] [--provider wasm|webgpu] [--asyncify] [--kernels auto|own|onnxruntime]
 * [--only PATTERN] Compares our networks and pipelines with the outputs a reference recorded: every output of every
 * expected.safetensors below DIR is compared, a line each, or printed as "not yet". With --layers, single layers are
 * compared with their formulas instead, with --drawn so many more of drawn sizes. wasm runs in Node; webgpu in a
 * headless Chromium, with --asyncify as in a browser whose WebAssembly cannot suspend. --kernels own runs Easel's
 * kernels on any adapter, a software one too (minutes). Exits with 1 when an error is over its tolerance.
 */

import { EaselError, said, spoken } from '../core/errors';
import { chooseDevice } from '../model/runtime/device';
import type { KernelChoice } from '../model/runtime/kernels/probe';
import { loadOrt } from '../model/runtime/ort';
import type { ModelFiles } from '../model/weights/model-files';
import { argumentsOf } from './arguments';
import { openDirectory } from './directory';
import { compareDrawnLayers } from './parity/drawn-layers';
import { compareLayers } from './parity/layers';
import type { AdapterReport, OrtBuild } from './parity/protocol';
import { compareTree, type ParityEvent } from './parity/tree';

const USAGE = said`usage: npm run parity -- DIR|--layers [--drawn COUNT] [--provider wasm|webgpu] [--asyncify] [--kernels auto|own|onnxruntime] [--only PATTERN]`;

async function main(): Promise<boolean> {
  const { values, positionals } = argumentsOf({
    options: {
      asyncify: { type: 'boolean', default: false },
      drawn: { type: 'string', default: '0' },
      kernels: { type: 'string', default: 'auto' },
      layers: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      provider: { type: 'string', default: 'wasm' },
    },
    allowPositionals: true,
  });
  const [directory] = positionals;
  if (values.layers !== (directory === undefined)) throw new EaselError('bad-request', USAGE);
  if (values.asyncify && values.provider !== 'webgpu') {
    throw new EaselError('bad-request', said`--asyncify names a build for browsers: give --provider webgpu with it.`);
  }
  const files = directory === undefined ? drawnCount(values.drawn) : await openDirectory(directory);
  const tally = { compared: 0, total: 0, failed: 0 };
  const tell = (event: ParityEvent) => print(event, tally);
  switch (values.provider) {
    case 'wasm':
      await onWasm(files, values.only, tell);
      break;
    case 'webgpu':
      await onWebGpu(files, values.only, values.asyncify ? 'asyncify' : 'jspi', kernelChoice(values.kernels), tell);
      break;
    default:
      throw new EaselError('bad-request', said`There is no provider "${values.provider}". ${USAGE}`);
  }
  const { compared, total, failed } = tally;
  if (total === 0) throw new EaselError('bad-request', said`There is no case called ${values.only}.`);
  console.log(`\ncompared ${compared} of ${total}${failed > 0 ? `, ${failed} over tolerance` : ''}`);
  return failed === 0;
}

async function onWasm(files: ModelFiles | number, only: string, tell: (event: ParityEvent) => void): Promise<void> {
  const { threads } = await loadOrt();
  console.log(`provider wasm: ${threads} threads, float32`);
  const device = await chooseDevice('wasm', threads);
  if (typeof files !== 'number') return compareTree(files, device, only, tell);
  await compareLayers(device, only, tell);
  await compareDrawnLayers(device, false, files, tell);
}

async function onWebGpu(
  files: ModelFiles | number,
  only: string,
  wanted: OrtBuild,
  choice: KernelChoice,
  tell: (event: ParityEvent) => void,
): Promise<void> {
  const { compareOnWebGpu } = await import('./parity/browser');
  const start = ({ description, software }: AdapterReport) =>
    console.log(`provider webgpu: ${description} (${software ? 'software' : 'hardware'} adapter), float32`);
  const { build, sessions, fewestDispatches, kernels } = await compareOnWebGpu(
    files,
    only,
    wanted,
    choice,
    start,
    tell,
  );
  if (sessions === 0) return;
  console.log(
    `\n${build} build: ${sessions} sessions on this adapter, each with at least ${fewestDispatches} dispatches`,
  );
  console.log(`kernels: ${kernels?.own.length ? `Easel's for ${kernels.own.join(', ')}` : "onnxruntime's"}`);
  for (const note of kernels?.notes ?? []) console.log(`  ${spoken(note)}`);
}

function drawnCount(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new EaselError('bad-request', said`--drawn takes a number of layers, not "${text}".`);
}

const KERNEL_CHOICES: readonly KernelChoice[] = ['auto', 'own', 'onnxruntime'];

function kernelChoice(text: string): KernelChoice {
  const found = KERNEL_CHOICES.find((choice) => choice === text);
  if (!found) throw new EaselError('bad-request', said`--kernels takes ${KERNEL_CHOICES.join(', ')}, not "${text}".`);
  return found;
}

/** One line an event; keeps count. */
function print(event: ParityEvent, tally: { compared: number; total: number; failed: number }): void {
  switch (event.kind) {
    case 'heading':
      console.log(`\n${event.text}`);
      return;
    case 'not-yet':
      tally.total++;
      console.log(`  not yet  ${event.name} (${event.reason})`);
      return;
    case 'compared': {
      tally.total++;
      tally.compared++;
      const ok = event.error <= event.tolerance;
      if (!ok) tally.failed++;
      const figures = `${event.error.toExponential(2)}  (at most ${event.tolerance.toExponential(0)})`;
      console.log(`  ${ok ? 'ok      ' : 'FAIL    '} ${event.name}  ${figures}`);
      return;
    }
    default:
      event satisfies never;
      throw new RangeError(`Unknown event ${JSON.stringify(event)}.`);
  }
}

main().then(
  (ok) => process.exit(ok ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof EaselError ? `${error.code}: ${error.message}` : error);
    process.exit(2);
  },
);
