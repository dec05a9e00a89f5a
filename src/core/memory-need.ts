/** What the weights of a model's networks take where they run, in bytes. */
export interface NetworkBytes {
  /** Of all text towers. */
  text: number;
  unet: number;
  /** The half of the autoencoder that every picture needs. */
  decoder: number;
}

/** A model's networks, as far as they say what it needs. */
export interface ModelShape {
  /** Numbers in each network's weights. */
  parameters: NetworkBytes;
  /** Of the pictures it was trained on, in pixels. */
  side: number;
}

/** Numbers in the half of an autoencoder that SD 1.x, 2.x and XL decode with, as diffusers counts them. */
export const DECODER_PARAMETERS = 49_490_199;

/** Of a picture, in pixels. */
export interface PictureSize {
  width: number;
  height: number;
}

/** What decides, beside the model and the picture, how much memory it takes. */
export interface RunsOn {
  provider: 'webgpu' | 'wasm';
  precision: 'float16' | 'float32';
  /** The decoder runs in float32 though the rest does not, as it does with onnxruntime's kernels. */
  exactDecoder?: boolean;
  /** What one binding may hold, in bytes; larger pictures are decoded in tiles. On wasm left out. */
  binding?: number;
}

/** How a model's networks share memory, the one that takes most and is fastest first. */
export const MEMORY_PLANS = ['together', 'in-turn', 'in-turn-tiled'] as const;
/**
 * `together`: all networks stay. `in-turn`: text towers, UNet and autoencoder are loaded when they are needed and
 * released for the next one. `in-turn-tiled`: likewise, and the picture is decoded in small tiles.
 */
export type MemoryPlan = (typeof MEMORY_PLANS)[number];

/** Most memory that is taken at a time, in bytes, by plan. */
export type MemoryNeed = Readonly<Record<MemoryPlan, number>>;

/** Side of the tiles that a plan with tiles decodes in: latent cells, of which SD's are eight pixels wide. */
export const SMALL_TILE = 40;
const CELL_PIXELS = 8;

/**
 * Fitted to what an H200 held while it painted in float16 with Easel's kernels (models/README.md): SD 1.5 at 512 x 512
 * 5.0 GB, 6.9 with its VAE in float32; SDXL at 1024 x 1024 16.5 GB. The first is what a page with WebGPU takes before
 * any model; a run's feature maps grow with its pixels, and onnxruntime keeps each size of buffer that it once needed.
 */
const CARD_BASE = 0.35e9;
const CARD_UNET_PER_PIXEL = 2600;
const CARD_DECODER_PER_PIXEL = 7200;

/**
 * Of the CPU provider, in float32: what the runtime takes, a UNet's feature maps, and a decoder's two largest maps of
 * each of two levels (as `running/tiles.ts` counts them).
 */
const CPU_BASE = 0.1e9;
const CPU_UNET_PER_PIXEL = 800;
const CPU_DECODER_PER_PIXEL = 4 * 2 * (128 + 256);
/**
 * Its attention holds scores of the latent's cells with each other, for two predictions by eight heads; of a part of
 * them at a time where they are many (as `attention.ts` cuts them).
 */
const CPU_ATTENTION = 2 * 8 * 4;
const CPU_QUERIES = { count: 16, least: 1024 };
/** More than this is decoded in tiles there, in bytes. */
const CPU_DECODER_MAX = 2 ** 31;

/** WebAssembly addresses 32 bits; a run needs some of it beside the weights. */
export const WASM_BYTES = 4 * 2 ** 30 - 256 * 2 ** 20;

/** A decoder's largest map has this many channels, of 4 bytes, at the picture's size. */
const DECODER_CHANNELS = 256;

/**
 * What painting takes at its peak, in bytes: on the graphics card, or of WebAssembly's memory. An estimate, good to a
 * tenth where it was measured.
 * @param weights as they run: in the precision of `on`
 */
export function memoryNeed(weights: NetworkBytes, size: PictureSize, on: RunsOn): MemoryNeed {
  const { text, unet, decoder } = weights;
  const { base, ofUnet, ofDecoder } = activations(size, on);
  const inTurn = (decoding: number) => base + Math.max(text, unet + ofUnet, decoder + decoding);
  return {
    together: base + together(weights, ofUnet, ofDecoder, on),
    'in-turn': inTurn(ofDecoder),
    'in-turn-tiled': inTurn(Math.min(ofDecoder, activations(TILE_SIZE, on).ofDecoder)),
  };
}

const TILE_SIZE: PictureSize = { width: SMALL_TILE * CELL_PIXELS, height: SMALL_TILE * CELL_PIXELS };

/** Each of a card's networks keeps its buffers; WebAssembly's are one network's, then free for the next. */
function together({ text, unet, decoder }: NetworkBytes, ofUnet: number, ofDecoder: number, { provider }: RunsOn) {
  const running = provider === 'webgpu' ? ofUnet + ofDecoder : Math.max(ofUnet, ofDecoder);
  return text + unet + decoder + running;
}

/** What runs take beside the weights, in bytes. */
function activations({ width, height }: PictureSize, { provider, precision, exactDecoder, binding }: RunsOn) {
  const pixels = width * height;
  if (provider === 'wasm') {
    const cells = pixels / CELL_PIXELS ** 2;
    const queries = Math.min(cells, Math.max(cells / CPU_QUERIES.count, CPU_QUERIES.least));
    return {
      base: CPU_BASE,
      ofUnet: CPU_UNET_PER_PIXEL * pixels + CPU_ATTENTION * cells * queries,
      ofDecoder: Math.min(CPU_DECODER_PER_PIXEL * pixels, CPU_DECODER_MAX),
    };
  }
  const wide = precision === 'float32' ? 2 : 1;
  const decoded = binding === undefined ? pixels : Math.min(pixels, binding / (4 * DECODER_CHANNELS));
  return {
    base: CARD_BASE,
    ofUnet: wide * CARD_UNET_PER_PIXEL * pixels,
    ofDecoder: (exactDecoder ? 2 : wide) * CARD_DECODER_PER_PIXEL * decoded,
  };
}

/** The fastest plan that takes less than `below` bytes; undefined where none does. */
export function planBelow(need: MemoryNeed, below: number): MemoryPlan | undefined {
  return MEMORY_PLANS.find((plan) => need[plan] < below);
}

/** What is known of a device's memory from elsewhere, as from earlier visits. */
export interface KnownMemory {
  /** So much, in bytes, is not there. */
  short?: number;
  /** This model was too large for the plans before this one. */
  plan?: MemoryPlan;
}

/**
 * How networks share memory while a picture is painted: by the fastest plan of which nothing says that it is too much;
 * where all are, by the one that takes least, if that is worth its time.
 */
export function planFor(weights: NetworkBytes, size: PictureSize, on: RunsOn, known: KnownMemory): MemoryPlan {
  const { short = Number.POSITIVE_INFINITY, plan: from = 'together' } = known;
  const below = on.provider === 'wasm' ? Math.min(short, WASM_BYTES) : short;
  const need = memoryNeed(weights, size, on);
  const plan = planBelow(need, below) ?? (isWorthwhile(need) ? 'in-turn-tiled' : 'together');
  return MEMORY_PLANS[Math.max(MEMORY_PLANS.indexOf(plan), MEMORY_PLANS.indexOf(from))];
}

/** Whether taking turns saves a tenth; the parts of a small model would be loaded in vain. */
const isWorthwhile = (need: MemoryNeed) => need['in-turn-tiled'] < 0.9 * need.together;

/** A picture of the same shape with half the pixels or fewer, its sides in steps; undefined where it would be tiny. */
export function smallerSize({ width, height }: PictureSize): PictureSize | undefined {
  const side = (length: number) => Math.floor((length * Math.SQRT1_2) / SIZE_STEP) * SIZE_STEP;
  const smaller = { width: side(width), height: side(height) };
  return Math.min(smaller.width, smaller.height) < MIN_SIDE ? undefined : smaller;
}

const SIZE_STEP = 64;
const MIN_SIDE = 256;
