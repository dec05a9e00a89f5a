import { parseRequest } from '../../../src/core/request/request';
import { createEngineClient } from '../../../src/engine/client';
import { cardMegabytes, type Suite, spawnEngine } from '../page';

const SWAPS = 20;

/**
 * What the card holds over twenty swaps of model, LoRA and VAE: after each the model paints one small picture, and the
 * driver counts. The starter and a checkpoint of Stable Diffusion 1.5's shape take turns; the starter's own autoencoder
 * stands in as a file, and "Fast" is its LoRA.
 */
export const swaps: Suite = async ({ device, kernels, tiny, files: [file] }) => {
  const client = createEngineClient(spawnEngine, document.baseURI);
  const checkpoint = { kind: 'folder', name: file.name, files: [{ path: file.name, file }] } as const;
  const starter = { kind: 'url', base: '/models/starter/' } as const;
  const vae = await (await fetch('/models/starter/vae/diffusion_pytorch_model.safetensors')).blob();
  const before = await cardMegabytes();
  const held: Record<string, number[]> = {};
  const paint = async (name: string, fast = false) => {
    const side = tiny ? 64 : 256;
    await client.generate(parseRequest({ prompt: 'a fox', steps: 2, width: side, height: side, seed: 7, fast }));
    held[name] = [...(held[name] ?? []), (await cardMegabytes()) - before];
  };
  for (let swap = 0; swap < (tiny ? 4 : SWAPS); swap++) {
    if (swap % 2 === 0) {
      await client.load({ source: starter, device, kernels, vocabulary: '/models/clip/' });
      await paint('starter');
      await paint('starter with Fast', true);
      await client.attach('vae', [{ name: 'vae.safetensors', file: vae }]);
      await paint('starter with another VAE');
      await client.attach('vae', []);
      await paint('starter with its own again');
    } else {
      await client.load({ source: checkpoint, device, kernels, vocabulary: '/models/clip/' });
      await paint('checkpoint');
    }
  }
  client.dispose();
  return { held };
};
