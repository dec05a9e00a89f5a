import { EaselError, type SaidValue, said } from '../errors';
import type { Style } from '../text/styles';

/** What the values of a plot may call by name. */
export interface PlotNames {
  /** The models that there are. */
  checkpoints?: readonly string[];
  /** The autoencoders. */
  vaes?: readonly string[];
  styles?: readonly Style[];
  /** Those in which the request's prompts are already; whole prompts of an axis come into them, too. */
  chosen?: readonly Style[];
}

/** A1111's words where no file is meant: the model's own autoencoder, and the one that was chosen for the model. */
const OWN_VAE = 'none';
const CHOSEN_VAES = ['automatic', 'auto'];

/** What A1111 has behind the names of files: their endings, and a hash in brackets. */
const BEHIND = /(\.vae)?(\.(safetensors|ckpt|pt|pth|bin))?(\s*\[[0-9a-f]+\])?$/i;

/**
 * A model by its name, or by a part of it that no other holds.
 * @throws EaselError `bad-request` where there is none, or several
 */
export const checkpointNamed = (value: string, names: readonly string[]): string =>
  named(value, names, said`There is no model “${value}” in your library. There are: ${names.join(', ')}.`);

/**
 * An autoencoder likewise.
 * @returns null for the model's own, undefined for the one that was chosen for it
 * @throws EaselError as `checkpointNamed`
 */
export function vaeNamed(value: string, names: readonly string[]): string | null | undefined {
  const key = value.toLowerCase();
  if (key === OWN_VAE) return null;
  if (CHOSEN_VAES.includes(key)) return undefined;
  const all = ['None', 'Automatic', ...names].join(', ');
  return named(value, names, said`There is no VAE “${value}” in your library. There are: ${all}.`);
}

/**
 * Styles by their names, with commas between.
 * @throws EaselError `bad-request` where there is none of a name
 */
export function stylesNamed(value: string, styles: readonly Style[]): Style[] {
  return value
    .split(',')
    .map((name) => name.trim())
    .map((name) => {
      const found = styles.find((style) => style.name.trim() === name);
      if (found) return found;
      const all = styles.map((style) => style.name).join(', ');
      throw new EaselError(
        'bad-request',
        all === ''
          ? said`There is no style “${name}”: you have none yet.`
          : said`There is no style “${name}”. There are: ${all}.`,
      );
    });
}

function named(value: string, names: readonly string[], none: ReturnType<typeof said>): string {
  for (const key of new Set([value, value.replace(BEHIND, '')].map((text) => text.toLowerCase()))) {
    const exact = names.find((name) => name.toLowerCase() === key);
    const [found, ...others] = exact ? [exact] : names.filter((name) => name.toLowerCase().includes(key));
    if (found === undefined || key === '') continue;
    if (others.length === 0) return found;
    throw new EaselError(
      'bad-request',
      said`“${value}” may be ${others.reduce<SaidValue>((some, one) => said`${some} or ${one}`, found)}: write the whole name.`,
    );
  }
  throw new EaselError('bad-request', none);
}
