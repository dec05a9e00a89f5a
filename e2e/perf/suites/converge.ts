import { COMPARED, emptyReport, measureConvergence } from '../../../src/cli/bench/converge';
import { openStarter, type Suite } from '../page';

/** The figures of the lab's convergence plot, in the form of src/ui/lab/convergence.json. */
export const converge: Suite = async ({ device, tiny }) => {
  const model = await openStarter(device);
  const prompt = 'a red apple on a white background';
  const measuring = tiny
    ? { prompt, seeds: [7], steps: [2, 3], referenceSteps: 4, width: 64, height: 64 }
    : { prompt, seeds: [7, 8], steps: [5, 10, 15, 20, 30, 50], referenceSteps: 200, width: 256, height: 256 };
  const report = emptyReport(model, measuring);
  const wanted = tiny ? COMPARED.slice(0, 2) : COMPARED;
  await measureConvergence(model, measuring, wanted, (row) => {
    report.samplers.push(row);
    console.log(`${row.label}: ${row.distances.join(' ')}`);
  });
  await model.dispose();
  return { device: model.device, report };
};
