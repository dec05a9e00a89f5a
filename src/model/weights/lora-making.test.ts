import { expect, it } from 'vitest';
import { ADAPTER_METHODS } from '../fixtures/adapter-methods';
import { randomTensor, safetensorsFile } from '../fixtures/random-model';
import { openLora } from './lora';
import { makingOf } from './lora-making';
import { memoryFiles } from './memory-files';

async function madeOf(method: string, metadata: Record<string, string> = {}) {
  const shapes = Object.entries(ADAPTER_METHODS[method]([8, 8], 2));
  const tensors = new Map(shapes.map(([end, shape]) => [`lora_unet_conv_in.${end}`, randomTensor(1, shape)]));
  tensors.set('lora_unet_conv_norm_out.w_norm', randomTensor(1, [8]));
  const lora = await openLora(memoryFiles('m', { 'x.safetensors': safetensorsFile(tensors) }), 'x.safetensors');
  return makingOf(lora, metadata);
}

it.each([
  ['LoRA', undefined],
  ['DoRA over inputs', 'DoRA'],
  ['LoKr of full matrices', 'LoKr'],
  ['OFT, rescaled', 'OFT'],
  ['BOFT', 'BOFT'],
  ['full difference', 'difference'],
])('%s is called so', async (method, called) => expect((await madeOf(method)).method).toBe(called));

it.each([
  [
    { ss_sd_model_name: 'D:\\models\\animefull-latest.ckpt', ss_base_model_version: 'sd_v1' },
    { base: 'animefull-latest' },
  ],
  [{ ss_sd_model_name: 'None', ss_base_model_version: 'sdxl_base_v1-0' }, { base: 'sdxl_base_v1-0' }],
  [
    {
      ss_network_dim: '16',
      ss_network_alpha: '8.0',
      ss_network_args: '{"algo": "lokr", "factor": 4, "use_tucker": "False"}',
    },
    { network: 'dim 16, alpha 8.0, algo lokr, factor 4' },
  ],
  [{ ss_network_args: 'None', ss_sd_model_name: '' }, {}],
  [{ 'modelspec.thumbnail': 'data:image/svg+xml;base64,PHN2Zz4=' }, {}],
  [{ 'modelspec.thumbnail': 'https://example.com/a.jpg' }, {}],
  [{ 'modelspec.thumbnail': 'data:image/png;base64,=====' }, {}],
])('%j says %j', async (metadata, making) => expect(await madeOf('LoRA', metadata)).toEqual(making));

it('takes the picture out of the header', async () => {
  const { cover } = await madeOf('LoRA', {
    'modelspec.thumbnail': `data:image/jpeg;base64,${btoa('\xff\xd8picture')}`,
  });
  expect(cover?.type).toBe('image/jpeg');
  expect(new Uint8Array(await cover!.arrayBuffer()).subarray(0, 3)).toEqual(Uint8Array.of(0xff, 0xd8, 0x70));
});
