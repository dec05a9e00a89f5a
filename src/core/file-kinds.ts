/** How names of files end that may hold weights: safetensors by both its endings, and what torch writes. */
export const WEIGHTS_ENDINGS = ['.safetensors', '.sft', '.ckpt', '.pt', '.pth', '.bin'] as const;
export const WEIGHTS_FILE = /\.(safetensors|sft|ckpt|pt|pth|bin)$/i;

/** Those that torch writes. */
export const TORCH_FILE = /\.(ckpt|pt|pth|bin)$/i;

/** A kind of file that is used. What recognises one is its part (`model/parts`). */
export type FileKind = 'model' | 'lora' | 'embedding' | 'vae' | 'tiny-vae' | 'tiny-decoder' | 'upscaler' | 'classifier';

/** What can be done with a file that a person brings. */
export type FileUse =
  | 'open-model'
  | 'add-lora'
  | 'add-embedding'
  | 'use-vae'
  | 'use-preview'
  | 'use-upscaler'
  | 'use-classifier'
  | 'add-to-list';

/** What the page says of a kind of file, and does with it. */
interface FileKindFacts {
  /** In a list of such files. */
  label: string;
  /** Where one file is told what it is. */
  description: string;
  /** The part of the models' page that lists it. */
  section: 'models' | 'adapters' | 'autoencoders' | 'upscalers' | 'classifiers';
  /** What it is good for, the most likely first. */
  uses: readonly FileUse[];
}

export const FILE_KINDS: Readonly<Record<FileKind, FileKindFacts>> = {
  model: {
    label: 'Model',
    description: 'Model',
    section: 'models',
    uses: ['open-model', 'add-to-list', 'use-vae'],
  },
  lora: { label: 'LoRA', description: 'LoRA', section: 'adapters', uses: ['add-lora'] },
  embedding: { label: 'Embedding', description: 'Embedding', section: 'adapters', uses: ['add-embedding'] },
  vae: { label: 'VAE', description: 'Autoencoder (VAE)', section: 'autoencoders', uses: ['use-vae', 'add-to-list'] },
  'tiny-vae': {
    label: 'TAESD',
    description: 'Tiny autoencoder (TAESD)',
    section: 'autoencoders',
    uses: ['use-preview', 'use-vae', 'add-to-list'],
  },
  'tiny-decoder': {
    label: 'TAESD decoder',
    description: 'Decoder of a tiny autoencoder (TAESD)',
    section: 'autoencoders',
    uses: ['use-preview', 'add-to-list'],
  },
  upscaler: { label: 'Upscaler', description: 'Upscaler (ESRGAN)', section: 'upscalers', uses: ['use-upscaler'] },
  classifier: {
    label: 'Classifier',
    description: 'Classifier for guidance',
    section: 'classifiers',
    uses: ['use-classifier', 'add-to-list'],
  },
};

/** All kinds, or those of one part of the models' page. */
export const fileKinds = (section?: FileKindFacts['section']): FileKind[] =>
  (Object.keys(FILE_KINDS) as FileKind[]).filter((kind) => !section || FILE_KINDS[kind].section === section);
