import { EaselError, said } from '../../core/errors';
import { openAutoencoder } from '../../model/layouts/diffusers-folder';
import type { ChosenDevice } from '../../model/runtime/device';
import type { ModelFiles } from '../../model/weights/model-files';
import { compareAdapted, compareEmbeddings, compareMethod, isMethodCase } from './adapters';
import { type Comparison, openExpected } from './expected';
import { compareInterpolation, isInterpolation } from './interpolation';
import { compareLoop, isLoop } from './loops';
import { AUTOENCODER, compareAutoencoder, compareText, compareUnet, type Surroundings } from './networks';
import { comparePack } from './pack';
import { comparePipelines, notYet } from './pipelines';
import { type Source, sourcesOf, whyNotOpened } from './sources';
import { compareTheory } from './theory';
import { compareUpscaler, upscalerFiles } from './upscalers';

/** What runs a group of outputs, or why nothing does yet. */
type Route = ((place: Surroundings, cases: string[]) => Promise<Comparison[]>) | string;

/** Which network a case is of: `unet.0`, `unet9.0`, `text.0`, `text.0.te2`, `vae.0`; undefined for anything else. */
function networkRoute(name: string, source: Source): Exclude<Route, string> | undefined {
  const unet = /^unet(\d*)\.\d+$/.exec(name);
  if (unet) return async (place, cases) => compareUnet(place, await source.unet(unet[1]), cases);
  const text = /^text\.\d+(?:\.te([12]))?$/.exec(name);
  if (text) return async (place, cases) => compareText(place, await source.textTower(text[1] === '2' ? 2 : 1), cases);
  if (/^vae\.\d+$/.test(name))
    return async (place, cases) => compareAutoencoder(place, await source.autoencoder(), cases);
  return undefined;
}

/** The route of a case by its name and by what stands beside its expected.safetensors. */
function routeOf(name: string, here: Surroundings, source: Source | undefined): Route {
  const { files, at } = here;
  const has = (path: string) => files.list().includes(at + path);
  if (name === AUTOENCODER && has('model/config.json'))
    return async (place, cases) => compareAutoencoder(place, await openAutoencoder(files, `${at}model`), cases);
  if (has('text_encoder/model.onnx') && name.startsWith('text.'))
    return async (place) => (await comparePack(place, at, name)) ?? [];
  if (upscalerFiles(here, name).length > 0) return (place) => compareUpscaler(place, name);
  if (isInterpolation(name)) return compareInterpolation;
  if (!source) return 'there is no model in a form that Easel opens';
  const network = networkRoute(name, source);
  if (network) return network;
  if (here.expected.has(`${name}.image.0`)) return 'there are no control networks';
  if (isLoop(here, name)) return (place) => compareLoop(place, source, name);
  if (here.expected.has(`${name}.noise.0`) && !name.includes('.')) return (place) => compareTheory(place, name);
  if (/^(txt2img|img2img|inpaint\d)\./.test(name))
    return has('model/model_index.json') ? comparePipelines : 'there are no pipelines of its family';
  const adapted = /^(lora_\w+)\.(unet|text)$/.exec(name);
  if (adapted) return (place) => compareAdapted(place, source, adapted[1], adapted[2] as 'unet' | 'text');
  if (name === 'ti') return (place) => compareEmbeddings(place, source);
  if (isMethodCase(here, name)) return (place) => compareMethod(place, source, name);
  return 'there is no route for its kind';
}

/**
 * `unet.0.out` -> `unet.0`; `txt2img.ddim.latents.3` -> `txt2img.ddim`; `decoded` -> an autoencoder that stands alone.
 */
const caseOf = (output: string) =>
  output.includes('.') ? output.replace(/\.(latents\.\d+|[a-z_]+)$/, '') : AUTOENCODER;

/** Compares every output of one expected.safetensors, a case after another; `only` picks cases by name. */
export async function compareAll(
  files: ModelFiles,
  path: string,
  device: ChosenDevice,
  tolerance: number,
  only: RegExp,
  report: (comparison: Comparison) => void,
): Promise<void> {
  const expected = await openExpected(files, path);
  const at = path.slice(0, -'expected.safetensors'.length);
  const place: Surroundings = { files, at, expected, device, tolerance };
  const cases = [...new Set(expected.outputs.map(caseOf))].filter((name) => only.test(name));
  const {
    opened: [source, ...others],
    problems,
  } = await sourcesOf(files, at);
  for (const name of cases) {
    const route = routeOf(name, place, source);
    const outputs = expected.outputs.filter((output) => caseOf(output) === name);
    const wait = (reason: string) => outputs.map((output) => notYet(output, reason));
    const results =
      typeof route === 'string'
        ? wait(source ? route : (problems[0] ?? route))
        : await route(place, [name]).catch((thrown: unknown) => wait(whyNotOpened(thrown)));
    for (const output of outputs) {
      const result = results.find((candidate) => candidate.name === output);
      if (!result) throw new EaselError('internal', said`${output} was neither compared nor accounted for.`);
      report(result);
    }
  }
  // The same networks in the model's other forms give the same outputs.
  for (const other of others) {
    for (const name of cases) {
      const results = (await networkRoute(name, other)?.(place, [name])) ?? [];
      for (const result of results) report({ ...result, name: other.label + result.name });
    }
  }
  if (!files.list().includes(`${at}onnx/unet/model.onnx`)) return;
  // The pack's text tower has a vocabulary and an expected.safetensors of its own.
  for (const name of cases.filter((name) => !name.startsWith('text.'))) {
    for (const result of (await comparePack(place, `${at}onnx/`, name)) ?? []) {
      report({ ...result, name: `onnx: ${result.name}` });
    }
  }
}
