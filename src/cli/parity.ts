/**
 * npm run parity -- DIR [--only PATTERN]
 * Compares our networks and pipelines with the outputs a reference recorded: every output of every expected.safetensors below
 * DIR is compared, a line each, or printed as "not yet". Exits with 1 when an error is over its tolerance.
 */
import { parseArgs } from 'node:util';
import { EaselError } from '../core/errors';
import { chooseDevice } from '../model/runtime/device';
import { loadOrt } from '../model/runtime/ort';
import { openDirectory } from './directory';
import { compareAll } from './parity/compare';

/** Relative error of a network in float32 on the CPU provider. */
const NETWORK_TOLERANCE = 1e-5;

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    options: { only: { type: 'string', default: '' } },
    allowPositionals: true,
  });
  const [directory] = positionals;
  if (!directory) throw new EaselError('bad-request', 'usage: npm run parity -- DIR [--only PATTERN]');
  const { threads } = await loadOrt();
  const device = await chooseDevice('wasm', threads);
  const files = await openDirectory(directory);
  const found = files
    .list()
    .filter((path) => /(^|\/)expected\.safetensors$/.test(path))
    .sort();
  if (found.length === 0) throw new EaselError('bad-request', `There is no expected.safetensors below ${directory}.`);
  let [compared, total, failed] = [0, 0, 0];
  for (const path of found) {
    console.log(`\n${path} on ${device.report.provider}`);
    await compareAll(files, path, device, NETWORK_TOLERANCE, new RegExp(values.only), (result) => {
      total++;
      if (result.kind === 'not-yet') {
        console.log(`  not yet  ${result.name} (waits for ${result.reason})`);
        return;
      }
      compared++;
      const ok = result.error <= result.tolerance;
      if (!ok) failed++;
      console.log(
        `  ${ok ? 'ok      ' : 'FAIL    '} ${result.name}  ${result.error.toExponential(2)}  (at most ${result.tolerance.toExponential(0)})`,
      );
    });
  }
  console.log(`\ncompared ${compared} of ${total}${failed > 0 ? `, ${failed} over tolerance` : ''}`);
  return failed === 0;
}

main().then(
  (ok) => process.exit(ok ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof EaselError ? `${error.code}: ${error.message}` : error);
    process.exit(2);
  },
);
