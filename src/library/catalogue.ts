import type { Verdict } from '../core/memory-fit';
import { DECODER_PARAMETERS, type ModelShape } from '../core/memory-need';
import type { ModelAddress } from './sources/address';

/** A model that is known to be worth a download, with what its public page said when it was put in. */
export interface CatalogueEntry {
  id: string;
  name: string;
  /** As the engine names files' kinds. */
  kind: 'model' | 'lora' | 'vae' | 'tiny-decoder' | 'upscaler';
  address: Extract<ModelAddress, { site: 'hub' }>;
  /** What the library calls it, where its file's name says nothing. */
  keptAs?: string;
  /** As the Hub's label has it; the text stands on the page. */
  licence: string;
  /** As the page rounds it. Where it is empty, the Hub tells it when the entry is chosen; the hash it tells always. */
  roughBytes?: number;
  /** One line. */
  goodAt: string;
  /** Of a checkpoint, or of what makes one paint in as few. */
  steps?: number;
  /** Of a checkpoint. */
  shape?: ModelShape;
  /** Words that show it. */
  prompt?: string;
  /** What it is made for, by the entry's id; an upscaler is for any picture. */
  goesWith?: string;
}

const hub = (repository: string, path?: string) => ({ site: 'hub', repository, revision: 'main', path }) as const;

/** As diffusers and transformers count them. */
const CLIP_L = 123_060_480;
const CLIP_G = 694_659_840;
const shape = (text: number, unet: number, side: number): ModelShape => {
  return { parameters: { text, unet, decoder: DECODER_PARAMETERS }, side };
};

const SD15 = shape(CLIP_L, 859_520_964, 512);
const SDXL = shape(CLIP_L + CLIP_G, 2_567_463_684, 1024);
/** What of its file's 4.47 GB is neither text towers nor autoencoder. */
const SSD_1B = shape(CLIP_L + CLIP_G, 1.33e9, 1024);
const BK_SDM_TINY = shape(CLIP_L, 323_384_964, 512);

/**
 * What to begin with: the first that fits comes first. Names, files, licences and sizes are those of the
 * Hub's pages, as copies of them had it that were at hand in November 2026; some were a year or two old.
 */
export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    id: 'dreamshaper-8-lcm',
    name: 'DreamShaper 8 LCM',
    kind: 'model',
    address: hub('Lykon/dreamshaper-8-lcm', 'DreamShaper8_LCM.safetensors'),
    licence: 'creativeml-openrail-m',
    roughBytes: 2.13e9,
    goodAt: 'Photographs and art in a few steps.',
    steps: 4,
    shape: SD15,
    prompt: 'photograph of a red fox in the snow, soft morning light',
  },
  {
    id: 'dreamshaper-8',
    name: 'DreamShaper 8',
    kind: 'model',
    address: hub('Lykon/dreamshaper-8'),
    licence: 'creativeml-openrail-m',
    goodAt: 'Photographs, portraits and art with more detail, in more steps.',
    steps: 20,
    shape: SD15,
    prompt: 'portrait photograph of an old sailor, weathered face, shallow depth of field',
  },
  {
    id: 'stable-diffusion-v1-5',
    name: 'Stable Diffusion 1.5',
    kind: 'model',
    address: hub('stable-diffusion-v1-5/stable-diffusion-v1-5'),
    licence: 'creativeml-openrail-m',
    goodAt: 'What most LoRAs and embeddings are made for.',
    steps: 20,
    shape: SD15,
    prompt: 'an astronaut riding a horse on the moon, photograph',
  },
  {
    id: 'stable-diffusion-xl-base-1.0',
    name: 'Stable Diffusion XL',
    kind: 'model',
    address: hub('stabilityai/stable-diffusion-xl-base-1.0'),
    licence: 'openrail++',
    goodAt: 'Large pictures that follow long prompts, on a strong graphics card.',
    steps: 20,
    shape: SDXL,
    prompt: 'a lighthouse on a cliff in a storm, dramatic light, highly detailed photograph',
  },
  {
    id: 'ssd-1b',
    name: 'SSD-1B',
    kind: 'model',
    address: hub('segmind/SSD-1B', 'SSD-1B-A1111.safetensors'),
    licence: 'apache-2.0',
    roughBytes: 4.47e9,
    goodAt: 'Large pictures with half of Stable Diffusion XL’s weights.',
    steps: 20,
    shape: SSD_1B,
    prompt: 'a glass of iced tea on a wooden table, studio photograph',
  },
  {
    id: 'bk-sdm-tiny',
    name: 'BK-SDM Tiny',
    kind: 'model',
    address: hub('nota-ai/bk-sdm-tiny'),
    licence: 'creativeml-openrail-m',
    roughBytes: 1.06e9, // in float16: UNet 647 MB, text encoder 246, VAE 167
    goodAt: 'Simple photographs on small devices.',
    steps: 25,
    shape: BK_SDM_TINY,
    prompt: 'a tropical bird sitting on a branch of a tree',
  },
  {
    id: 'lcm-lora-sdv1-5',
    name: 'LCM for SD 1.5',
    kind: 'lora',
    address: hub('latent-consistency/lcm-lora-sdv1-5', 'pytorch_lora_weights.safetensors'),
    keptAs: 'lcm-lora-sdv1-5',
    licence: 'openrail++',
    roughBytes: 135e6,
    goodAt: 'Lets any SD 1.5 model paint in a few steps.',
    steps: 4,
    goesWith: 'stable-diffusion-v1-5',
  },
  {
    id: 'sdxl-lightning-4step',
    name: 'SDXL Lightning, 4 steps',
    kind: 'lora',
    address: hub('ByteDance/SDXL-Lightning', 'sdxl_lightning_4step_lora.safetensors'),
    licence: 'openrail++',
    roughBytes: 394e6,
    goodAt: 'Lets Stable Diffusion XL paint in four steps.',
    steps: 4,
    goesWith: 'stable-diffusion-xl-base-1.0',
  },
  {
    id: 'sdxl-vae-fp16-fix',
    name: 'SDXL VAE for float16',
    kind: 'vae',
    address: hub('madebyollin/sdxl-vae-fp16-fix', 'sdxl_vae.safetensors'),
    licence: 'mit',
    goodAt: 'Stable Diffusion XL’s autoencoder, made to work in float16.',
    goesWith: 'stable-diffusion-xl-base-1.0',
  },
  {
    id: 'taesd',
    name: 'TAESD decoder',
    kind: 'tiny-decoder',
    address: hub('madebyollin/taesd', 'taesd_decoder.safetensors'),
    licence: 'mit',
    roughBytes: 4.9e6,
    goodAt: 'Quick previews of SD 1.x and 2.x pictures.',
    goesWith: 'stable-diffusion-v1-5',
  },
  {
    id: 'taesdxl',
    name: 'TAESDXL decoder',
    kind: 'tiny-decoder',
    address: hub('madebyollin/taesdxl', 'taesdxl_decoder.safetensors'),
    licence: 'mit',
    roughBytes: 4.9e6,
    goodAt: 'Quick previews of Stable Diffusion XL pictures.',
    goesWith: 'stable-diffusion-xl-base-1.0',
  },
  {
    id: '4x-nomos-web-photo',
    name: '4xNomosWebPhoto_esrgan',
    kind: 'upscaler',
    address: hub('Phips/4xNomosWebPhoto_esrgan', '4xNomosWebPhoto_esrgan.safetensors'),
    licence: 'cc-by-4.0',
    roughBytes: 33.5e6,
    goodAt: 'Makes photographs four times as large, also those that JPEG has spoilt.',
  },
  {
    id: 'realesrgan-x4plus',
    name: 'RealESRGAN_x4plus',
    kind: 'upscaler',
    // Of the release's own file; the page says with what it was converted.
    address: hub('EnclaveHost/realesrgan-x4plus-sd', 'upscaler.safetensors'),
    keptAs: 'RealESRGAN_x4plus',
    licence: 'bsd-3-clause',
    goodAt: 'Makes any picture four times as large: A1111’s R-ESRGAN 4x+.',
  },
];

/**
 * The model to begin with: the first that fits, else the first that may; none where none does.
 * @param verdictOf what is known of it on this device; undefined while nothing is
 */
export function firstChoice(
  verdictOf: (entry: CatalogueEntry) => Verdict | undefined,
  entries: readonly CatalogueEntry[] = CATALOGUE,
): CatalogueEntry | undefined {
  const models = entries.filter(({ kind }) => kind === 'model');
  const among = (...wanted: readonly Verdict[]) =>
    models.find((entry) => wanted.some((verdict) => verdict === verdictOf(entry)));
  return among('fits') ?? among('unknown', 'tight');
}
