import { openLora, withLoras } from '../../model/weights/lora';
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
