import { decodeWithPack, encodeTextWithPack, encodeWithPack, predictWithPack } from '../../model/runtime/pack-networks';
import { createPackSession } from '../../model/runtime/session';
import type { Comparison } from './expected';
import { checkDecoder, checkEncoder, checkText, checkUnet, type Surroundings, using } from './networks';

const LATENT_CHANNELS = 4;
/** The exported graphs halve and double the sides, so these must divide by 8 to come back. */
const SIDE_MULTIPLE = 8;

/** Compares a case with an ONNX pack in `folder` (Optimum's layout); undefined where the pack cannot run it. */
export async function comparePack(
  place: Surroundings,
  folder: string,
  name: string,
): Promise<Comparison[] | undefined> {
  const { files, expected, device } = place;
  const open = (network: string) => createPackSession(files, `${folder}${network}`, device);
  if (name.startsWith('text.')) {
    return using(open('text_encoder'), (session) => checkText(place, encodeTextWithPack(session), [name]));
  }
  const input = name.startsWith('unet.') ? 'sample' : name.startsWith('vae.') ? 'z' : undefined;
  if (
    input === undefined ||
    !expected
      .shape(`${name}.${input}`)
      .slice(2)
      .every((side) => side % SIDE_MULTIPLE === 0)
  ) {
    return undefined;
  }
  if (input === 'sample') {
    return using(open('unet'), (session) => checkUnet(place, predictWithPack(session), [name]));
  }
  const encoded = await using(open('vae_encoder'), (session) =>
    checkEncoder(place, encodeWithPack(session, LATENT_CHANNELS), [name]),
  );
  const decoded = await using(open('vae_decoder'), (session) => checkDecoder(place, decodeWithPack(session), [name]));
  return [...encoded, ...decoded];
}
