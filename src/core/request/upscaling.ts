import { quoted } from './parameters';

/** Under which A1111 writes what became of a picture after it was painted, beside its `parameters`. */
export const POSTPROCESSING = 'postprocessing';

/** How a picture was made larger, as A1111's Extras write it into a PNG. @param upscaler by its name */
export function postprocessingText(factor: number, upscaler: string): string {
  return `Postprocess upscale by: ${factor}, Postprocess upscaler: ${quoted(upscaler)}`;
}
