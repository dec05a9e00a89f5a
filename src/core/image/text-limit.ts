import { EaselError, type Said, said } from '../errors';

/** Settings are a few hundred characters; a text of more bytes than this is none. */
export const MAX_TEXT_BYTES = 1_000_000;

/**
 * Text in a picture, as it is, where it is short enough to be read.
 * @param what names it in the error
 * @throws EaselError `unsupported` where it is longer
 */
export function shortEnough(text: Uint8Array, what: Said): Uint8Array {
  if (text.length <= MAX_TEXT_BYTES) return text;
  const megabytes = (text.length / 1e6).toFixed(1);
  throw new EaselError(
    'unsupported',
    said`${what} has ${megabytes} MB, and Easel reads settings of up to 1 MB. Type the settings in by hand.`,
  );
}
