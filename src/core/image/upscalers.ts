import type { Interpolation } from './interpolate';
import type { Filter } from './resample';

/**
 * How an upscaler enlarges what the first pass painted: its latent, by one of torch's interpolations, or the pixels
 * that the autoencoder makes of it, which are encoded again; those by a filter, or by a network of the person's.
 */
export type UpscalerWay =
  | { works: 'latent'; mode: Interpolation }
  | { works: 'pixels'; filter: Filter }
  | { works: 'network'; name: string };

/** One that works on any picture. */
export type PixelWay = Exclude<UpscalerWay, { works: 'latent' }>;

interface UpscalerEntry {
  /** A1111's name. */
  label: string;
  /** One line: what it does. */
  description: string;
  group: string;
  way: UpscalerWay;
  /** What else A1111's texts call it. */
  textAliases?: readonly string[];
}

const LATENT = 'Latent';
const PIXELS = 'Pixels';

/** The upscalers of the hires fix, by A1111's names and in its order. */
export const UPSCALERS = {
  latent: {
    label: 'Latent',
    description: 'Stretches the latent: new detail comes out of the blur. Needs a denoising strength of 0.5 or more.',
    group: LATENT,
    way: { works: 'latent', mode: 'bilinear' },
  },
  'latent-antialiased': {
    label: 'Latent (antialiased)',
    description: 'The same as Latent when enlarging; smooth when shrinking.',
    group: LATENT,
    way: { works: 'latent', mode: 'bilinear-antialias' },
  },
  'latent-bicubic': {
    label: 'Latent (bicubic)',
    description: 'A little sharper than Latent.',
    group: LATENT,
    way: { works: 'latent', mode: 'bicubic' },
  },
  'latent-bicubic-antialiased': {
    label: 'Latent (bicubic antialiased)',
    description: 'Bicubic with a softer kernel.',
    group: LATENT,
    way: { works: 'latent', mode: 'bicubic-antialias' },
  },
  'latent-nearest': {
    label: 'Latent (nearest)',
    description: 'Repeats the latent’s cells: the sharpest, with the most new detail.',
    group: LATENT,
    way: { works: 'latent', mode: 'nearest' },
  },
  'latent-nearest-exact': {
    label: 'Latent (nearest-exact)',
    description: 'Repeats the latent’s cells, centred where the size is not a multiple.',
    group: LATENT,
    way: { works: 'latent', mode: 'nearest-exact' },
  },
  lanczos: {
    label: 'Lanczos',
    description: 'Enlarges the picture itself, which keeps it at a low denoising strength, from 0.2 on.',
    group: PIXELS,
    way: { works: 'pixels', filter: 'lanczos' },
    // A1111 resizes by Lanczos where it has no upscaler.
    textAliases: ['None'],
  },
  nearest: {
    label: 'Nearest',
    description: 'Repeats the picture’s pixels: for pixel art.',
    group: PIXELS,
    way: { works: 'pixels', filter: 'nearest' },
  },
} as const satisfies Readonly<Record<string, UpscalerEntry>>;

export type UpscalerId = keyof typeof UPSCALERS;

/** Those of them that work on a finished picture's pixels, too, and need no file. */
export const PIXEL_UPSCALERS = { lanczos: UPSCALERS.lanczos, nearest: UPSCALERS.nearest } as const;
export type PixelUpscaler = keyof typeof PIXEL_UPSCALERS;
