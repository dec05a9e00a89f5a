import { EaselError, said } from '../../core/errors';
import { inpaintingSheet } from './pictures/inpainting';
import { outpaintingSheet } from './pictures/outpainting';
import { samplerSheet } from './pictures/samplers';
import { strengthsSheet } from './pictures/strengths';

/** Contact sheets by name, each in a file of its own. */
const SHEETS: Readonly<Record<string, () => Promise<void>>> = {
  samplers: samplerSheet,
  inpainting: inpaintingSheet,
  outpainting: outpaintingSheet,
  strengths: strengthsSheet,
};

/**
 * Paints sheets of pictures that are looked at and kept.
 * @param names of sheets.
 */
export async function pictures(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !Object.hasOwn(SHEETS, name));
  if (unknown.length > 0 || names.length === 0) {
    throw new EaselError('bad-request', said`Name sheets to paint: ${Object.keys(SHEETS).join(', ')}.`);
  }
  for (const name of names) await SHEETS[name]();
}
