/**
 * The browser's half of `npm run parity -- DIR --provider webgpu`: the comparison that Node runs, here on a GPUDevice.
 * The Node half is ../browser.ts, their agreement ../protocol.ts.
 */
import { EaselError, said, toEaselError } from '../../../core/errors';
import { type ChosenDevice, chooseDevice, findAdapter, isSoftware } from '../../../model/runtime/device';
import { type KernelChoice, withOwnKernels } from '../../../model/runtime/kernels/probe';
import { loadOrt } from '../../../model/runtime/ort';
import { compareDrawnLayers } from '../drawn-layers';
import { compareLayers } from '../layers';
import type { AdapterReport, CountedWork, Outcome, ParityPage, Subject, TellParity } from '../protocol';
import { compareTree, type ParityEvent } from '../tree';
import { countWork } from './count-work';
import { fetchedFiles } from './fetched-files';

declare global {
  interface Window {
    parity: ParityPage;
    tellParity: TellParity;
  }
}

async function adapter(): Promise<AdapterReport | undefined> {
  const found = await findAdapter(navigator.gpu);
  if (!found) return undefined;
  const { vendor, architecture, device, description } = found.info;
  return {
    software: isSoftware(found),
    description: [vendor, architecture, device, description].filter(Boolean).join(', '),
  };
}

/** WebGPU in float32, whatever else the adapter could do; from here no way leads to the CPU provider. */
async function float32Gpu(): Promise<ChosenDevice> {
  const { threads } = await loadOrt();
  const chosen = await chooseDevice('webgpu', threads);
  return { ...chosen, report: { ...chosen.report, precision: 'float32' } };
}

/** The same device, the work of each of its sessions counted. */
function counted({ openGpu, ...device }: ChosenDevice, sessions: CountedWork[]): ChosenDevice {
  if (!openGpu) throw new EaselError('internal', said`WebGPU was chosen without a way to open it.`);
  return {
    ...device,
    async openGpu() {
      const gpu = await openGpu();
      sessions.push(countWork(gpu));
      return gpu;
    },
  };
}

async function compare(subject: Subject, only: string, kernels: KernelChoice): Promise<Outcome> {
  try {
    const sessions: CountedWork[] = [];
    const float32 = await float32Gpu();
    const chosen = await withOwnKernels(float32, kernels);
    const device = counted(chosen, sessions);
    let told = Promise.resolve();
    const tell = (event: ParityEvent) => {
      told = told.then(() => window.tellParity(event));
    };
    if (subject.kind === 'folder') await compareTree(await fetchedFiles(subject.at), device, only, tell);
    else await compareLayers(device, only, tell);
    const own = (chosen.report.kernels?.own.length ?? 0) > 0;
    if (subject.kind === 'layers') await compareDrawnLayers(counted(float32, sessions), own, subject.drawn, tell);
    await told;
    const { reads } = await loadOrt();
    const build = reads === 'asynchronous' ? 'jspi' : 'asyncify';
    return { kind: 'done', build, sessions, kernels: device.report.kernels };
  } catch (error) {
    const { code, message } = toEaselError(error);
    return { kind: 'failed', code, message };
  }
}

window.parity = { adapter, compare };
