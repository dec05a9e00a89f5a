import { expect, it } from 'vitest';
import { randomTensor, safetensorsFile } from '../../model/fixtures/random-model';
import { memoryFiles } from '../../model/weights/memory-files';
import { isOutput, openExpected } from './expected';

const UNET = 'unet.0.sample unet.0.timestep unet.0.encoder_hidden_states';
const TEXT = 'text.0.last_hidden_state text.0.penultimate text.0.pooled';
const VAE = 'vae.0.mean vae.0.logvar vae.0.decoded';
const LOOP = 'txt2img.euler.cond txt2img.euler.uncond txt2img.euler.noise.0';
const CONTROL = 'control.sample control.timestep control.encoder_hidden_states control.image';

// biome-ignore format: a table
/** One of each kind of name in the reference folders (../shared/fixtures), digits aside. */
const NAMES: readonly (readonly [folder: string, inputs: string, outputs: string])[] = [
  ['sd15', `${UNET} unet9.0.sample text.0.input_ids vae.0.image vae.0.z init_image mask ti.input_ids txt2img.ddim.noise.0 inpaint4.ddim.noise.2`, `unet.0.out unet9.0.out ${TEXT} ${VAE} txt2img.ddim.latents.5 txt2img.ddim.image img2img.ddim.image inpaint4.ddim_strength.image lora_peft.unet.out lora_peft.text.last_hidden_state ti.last_hidden_state`],
  ['sd15_single', `${UNET} text.0.input_ids vae.0.image vae.0.z`, `unet.0.out ${TEXT} ${VAE}`],
  ['sd21', `${UNET} ${LOOP} text.0.input_ids vae.0.image vae.0.z`, `unet.0.out ${TEXT} ${VAE} txt2img.ddim_v.latents.0 txt2img.ddim_v.decoded`],
  ['sdxl', `${UNET} unet.0.text_embeds unet.0.time_ids ${LOOP} text.0.te2.input_ids`, 'unet.0.out text.0.te1.pooled text.0.te2.text_embeds txt2img.euler.latents.0 txt2img.euler.decoded'],
  ['taesd, vq', 'image z', 'latents decoded'],
  ['bk_small, bk_tiny, sdxs', UNET, 'unet.1.out'],
  ['ssd', `${UNET} unet.0.text_embeds unet.0.time_ids`, 'unet.0.out'],
  ['lcm_w', `${UNET} unet.0.timestep_cond lcm.cond lcm.noise.3`, 'unet.0.out lcm.latents.3'],
  ['control', `${CONTROL} txt2img.control_two.image.1 txt2img.control.cond txt2img.control.uncond txt2img.control.noise.0`, 'control.guess.down.11 control.guess.mid control.guess.unet.out txt2img.control.latents.0 txt2img.control.decoded'],
  ['control_sdxl', `${CONTROL} control.text_embeds control.time_ids`, 'control.plain.down.8 control.plain.mid'],
  ['control_single', CONTROL, 'control.plain.down.0 control.plain.mid'],
  ['t2i', 't2i.image t2i.sample t2i.timestep t2i.encoder_hidden_states', 't2i.feature.0 t2i.unet.out'],
  ['ip_adapter', 'ip.sample ip.timestep ip.encoder_hidden_states ip.picture ip.pixel_values', 'ip.image_embeds ip.preprocessed ip.unet.out.0.6 ip.unet.out.1.0'],
  ['ddpm', 'unet.0.sample unet.0.timestep ddpm_large.noise.6', 'unet.0.out ddpm.latents.9 ddim.latents.0'],
  ['adm_class', 'unet.0.sample unet.0.timestep unet.0.class_labels consistency.noise.0', 'unet.0.out consistency.latents.1'],
  ['ncsnpp', 'unet.0.sample unet.0.sigma', 'unet.0.out'],
  ['ldm_class, ldm_uncond', 'class.noise.0 uncond.noise.0', 'class.latents.5 class.decoded uncond.latents.7 uncond.decoded'],
  ['ldm_sr', 'sr.image sr.noise.0', 'sr.latents.5 sr.decoded'],
  ['adapters', 'sample timestep encoder_hidden_states', 'plain.out dora.0.6.out dora.1.0.out'],
  ['upscalers', 'image', 'rrdb_x4.out compact_x2.out'],
  ['interpolate', 'latent', 'bicubic-antialias.12x20 nearest.3x5'],
];

it.each(NAMES)('tells inputs from outputs: %s', (_, inputs, outputs) => {
  const names = [...inputs.split(' '), ...outputs.split(' ')];
  expect(names.filter(isOutput)).toEqual(outputs.split(' '));
});

it('takes a file that names no output for a broken one', async () => {
  const file = safetensorsFile(new Map([['unet.0.sample', randomTensor(1, [2])]]));
  const files = memoryFiles('m', { 'expected.safetensors': file });
  await expect(openExpected(files, 'expected.safetensors')).rejects.toMatchObject({ code: 'corrupt' });
});
