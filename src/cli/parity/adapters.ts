import { EaselError, said } from '../../core/errors';
import { openLora, readLora } from '../../model/weights/lora';
import { withLoras } from '../../model/weights/lora-merge';
import { openFile, renamed, type StateDict } from '../../model/weights/state-dict';
import { embeddingIds, openEmbedding, withEmbeddings } from '../../model/weights/textual-inversion';
import type { Comparison } from './expected';
import { compareText, compareUnet, type Surroundings } from './networks';
import type { Source } from './sources';

/** The strengths that a reference merged its LoRAs with. */
type Cases = Readonly<Record<string, { file: string; scale: number }>>;

/** Compares `lora_NAME.unet` or `lora_NAME.text`: the first UNet or text case again, with the LoRA merged. */
export async function compareAdapted(
  place: Surroundings,
  source: Source,
  lora: string,
  network: 'unet' | 'text',
): Promise<Comparison[]> {
  const { files, at } = place;
  const cases = JSON.parse(new TextDecoder().decode(await files.read(`${at}cases.json`))) as Cases;
  const { file, scale } = cases[lora];
  const use = { lora: await openLora(files, at + file), unetWeight: scale, textWeight: scale };
  const name = `${lora}.${network}`;
  switch (network) {
    case 'unet': {
      const unet = await source.unet('');
      const weights = withLoras(unet.weights, 'unet', [use]).dict;
      return compareUnet(place, { ...unet, weights }, [name], () => 'unet.0');
    }
    case 'text': {
      const tower = await source.textTower(1);
      const weights = withLoras(tower.weights, 'text_encoder', [use]).dict;
      return compareText(place, { ...tower, weights }, [name], () => 'text.0');
    }
    default:
      network satisfies never;
      throw new RangeError(`Unknown network "${String(network)}".`);
  }
}

/** The UNet without adapters, and `NAME.WEIGHT` of a file beside the outputs. */
const METHOD_CASE = /^(?:plain|([a-z]\w*)\.(\d+\.\d+))$/;

/**
 * Errors that files allow beyond a network's own. LyCORIS writes `up` times its scalar, and the file rounds the product
 * to float16 after the outputs were made: as much noise on `up` changes the output by 2.7e-4 to 3.0e-4.
 */
const ROUNDED: Readonly<Record<string, number>> = { locon_scalar: 5e-4 };

/** Whether a case is a UNet with one adapter, whose file bears the case's name, or without. */
export function isMethodCase({ files, at, expected }: Surroundings, name: string): boolean {
  const [, file] = METHOD_CASE.exec(name) ?? [];
  return expected.has('sample') && (name === 'plain' || files.list().includes(`${at}${file}.safetensors`));
}

/** Compares it under the names that the file has, and under PEFT's; the larger error counts. */
export async function compareMethod(place: Surroundings, source: Source, name: string): Promise<Comparison[]> {
  const unet = await source.unet('');
  const [, stem, weight] = METHOD_CASE.exec(name) ?? [];
  if (stem === undefined) return compareUnet(place, unet, [name], () => '');
  const file = await openFile(place.files, `${place.at}${stem}.safetensors`);
  const results: Comparison[] = [];
  for (const dict of [file.dict, underPeftNames(file.dict, [...unet.weights.entries.keys()])]) {
    const use = { lora: readLora({ ...file, dict }), unetWeight: Number(weight), textWeight: 1 };
    const { dict: weights, reports } = withLoras(unet.weights, 'unet', [use]);
    const left = [...use.lora.unused, ...reports[0].unmatched];
    if (left.length > 0) throw new EaselError('internal', said`${name}: ${left[0]} was left out.`);
    const tolerance = ROUNDED[stem] ?? place.tolerance;
    results.push(...(await compareUnet({ ...place, tolerance }, { ...unet, weights }, [name], () => '')));
  }
  return results.sort((a, b) => errorOf(b) - errorOf(a)).slice(0, 1);
}

/** kohya's names as PEFT would write them: `unet.`, the module with its dots, and factors called A and B. */
function underPeftNames(dict: StateDict, weights: readonly string[]): StateDict {
  const dotted = new Map(weights.map((key) => key.replace(/\.(weight|bias)$/, '')).map((name) => [flat(name), name]));
  return renamed(dict, (key) => {
    const [, module, rest] = /^lora_unet_(\w+)\.(.+)$/.exec(key) ?? [];
    if (module === undefined) return key;
    const factor = { 'lora_down.weight': 'lora_A.weight', 'lora_up.weight': 'lora_B.weight' }[rest] ?? rest;
    return `unet.${dotted.get(module)}.${factor}`;
  });
}

const flat = (module: string) => module.replaceAll('.', '_');

/**
 * Compares `ti`: a prompt with the words of textual inversion, once for each form of the file; the larger error counts.
 */
export async function compareEmbeddings(place: Surroundings, source: Source): Promise<Comparison[]> {
  const { files, at, expected } = place;
  const tower = await source.textTower(1);
  const ids = await expected.ints('ti.input_ids');
  const results: Comparison[] = [];
  for (const path of files.list().filter((file) => file.startsWith(`${at}ti_`) && file.endsWith('.safetensors'))) {
    const embedding = await openEmbedding(files, path);
    const [own] = embeddingIds([embedding], tower.config.vocabulary).values();
    if (!own.every((id) => ids.includes(id)))
      throw new EaselError('corrupt', said`ti.input_ids lacks the ids of ${path}.`);
    const weights = withEmbeddings(tower.weights, [embedding], { index: 0, of: 1 });
    const config = { ...tower.config, vocabulary: tower.config.vocabulary + embedding.vectors };
    results.push(...(await compareText(place, { ...tower, config, weights }, ['ti'])));
  }
  return results.sort((a, b) => errorOf(b) - errorOf(a)).slice(0, 1);
}

/** What is no number is the worst. */
const errorOf = (result: Comparison) =>
  result.kind === 'compared' && result.error >= 0 ? result.error : Number.POSITIVE_INFINITY;
