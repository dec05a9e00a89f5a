import type { AutoencoderConfig } from '../../model/graph/autoencoder-config';
import type { ClipTextConfig, UnetConfig } from '../../model/graph/config';
import { openAutoencoder, openTextTower, openUnet } from '../../model/layouts/diffusers-folder';
import type { Network } from '../../model/layouts/network';
import { openSingleFile } from '../../model/running/open-checkpoint';
import type { ModelFiles } from '../../model/types';

/** One form in which a reference's model lies beside its expected.safetensors. */
export interface Source {
  /** Before the names of its outputs; empty for the first form, whose outputs also stand for the pipelines. */
  label: string;
  /** @param variant `9` for `unet9` */
  unet(variant: string): Promise<Network<UnetConfig>>;
  textTower(tower: 1 | 2): Promise<Network<ClipTextConfig>>;
  autoencoder(): Promise<Network<AutoencoderConfig>>;
}

/** The forms of a model in the folder `at`: as a diffusers folder, and as a single file in the original layout. */
export async function sourcesOf(files: ModelFiles, at: string): Promise<Source[]> {
  const has = (path: string) => files.list().includes(at + path);
  const sources: Source[] = [];
  if (has('model/unet/config.json')) {
    sources.push({
      label: '',
      unet: (variant) => openUnet(files, variant === '' ? `${at}model/unet` : `${at}unet${variant}`),
      textTower: (tower) => openTextTower(files, `${at}model/text_encoder${tower === 2 ? '_2' : ''}`),
      autoencoder: () => openAutoencoder(files, `${at}model/vae`),
    });
  }
  if (has('single_file.safetensors')) {
    const checkpoint = await openSingleFile(files, `${at}single_file.safetensors`);
    sources.push({
      label: sources.length === 0 ? '' : 'single_file: ',
      unet: async () => checkpoint.unet,
      textTower: async (tower) => checkpoint.textTowers[tower - 1],
      autoencoder: async () => checkpoint.autoencoder,
    });
  }
  return sources;
}
