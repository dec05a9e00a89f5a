import { compareDrawnLayers } from '../../../src/cli/parity/drawn-layers';
import { compareLayers } from '../../../src/cli/parity/layers';
import { fetchedFiles } from '../../../src/cli/parity/page/fetched-files';
import { compareTree, type ParityEvent } from '../../../src/cli/parity/tree';
import { chooseDevice } from '../../../src/model/runtime/device';
import { withOwnKernels } from '../../../src/model/runtime/kernels/probe';
import { loadOrt } from '../../../src/model/runtime/ort';
import type { Suite } from '../page';

const DRAWN = 300;
/** Reference outputs that `run.py` serves, as the parity command does; none where the folder is not there. */
const RECORDED = '/parity/';

/**
 * Our kernels in float32 against the formulas of the layers, those of the parity command and as many of drawn sizes,
 * and against recorded outputs of whole networks.
 */
export const layers: Suite = async ({ device, tiny }) => {
  const { threads } = await loadOrt();
  const chosen = await chooseDevice(device, threads);
  const exact = { ...chosen, report: { ...chosen.report, precision: 'float32' as const } };
  const on = await withOwnKernels(exact, 'own');
  const listed = async (compare: (tell: (event: ParityEvent) => void) => Promise<void>) => {
    const from = performance.now();
    const compared: { name: string; error: number }[] = [];
    await compare((event) => {
      if (event.kind !== 'compared') return;
      compared.push({ name: event.name, error: event.error });
      console.log(`${event.name} ${event.error.toExponential(1)}`); // what is known where the time does not last
    });
    compared.sort((a, b) => b.error - a.error);
    const seconds = (performance.now() - from) / 1000;
    return { compared: compared.length, seconds, worst: compared.slice(0, 10) };
  };
  const fixed = await listed((tell) => compareLayers(on, tiny ? '^conv.32-to-4$' : '', tell));
  const drawn = await listed((tell) => compareDrawnLayers(exact, true, tiny ? 3 : DRAWN, tell));
  const recorded = await fetchedFiles(RECORDED).catch(() => undefined);
  const networks = recorded && (await listed((tell) => compareTree(recorded, on, tiny ? '^text.0' : '', tell)));
  return { device: on.report, software: chosen.software, fixed, drawn, networks };
};
