import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDirectory } from '../../cli/directory';
import { spoken } from '../../core/errors';
import { checkpointOf, DISTILLED, same, sdxlFolder } from '../fixtures/checkpoints';
import { failure } from '../fixtures/failure';
import { type RawTensor, randomTensor, safetensorsFile } from '../fixtures/random-model';
import { torchFile } from '../fixtures/torch-writer';
import { identifyFile } from '../parts/index';
import { bindWeights } from '../weights/bind';
import { memoryFiles } from '../weights/memory-files';
import { configOf } from './model-info';
import { openCheckpoint, openSingleFile } from './open-checkpoint';

const open = (file: Map<string, RawTensor>, metadata?: Record<string, string>) =>
  openSingleFile(memoryFiles('m', { 'x.safetensors': safetensorsFile(file, metadata) }), 'x.safetensors');

describe('openSingleFile', () => {
  it.each([
    ['sd1', 4, 'SD 1.x', {}],
    ['sd1', 9, 'inpainting', {}],
    ['sd1', 4, 'BK-SDM', DISTILLED['BK-SDM']],
    ['sd1', 4, 'an LCM that takes the guidance scale', DISTILLED.LCM],
    ['sd2', 4, 'SD 2.x', {}],
    ['sd2', 4, 'SDXS', DISTILLED.SDXS],
    ['sdxl', 4, 'SDXL', {}],
    ['sdxl', 4, 'SSD-1B', DISTILLED['SSD-1B']],
    ['sdxl', 4, 'Vega', DISTILLED.Vega],
    ['sdxl', 4, 'KOALA', DISTILLED.KOALA],
  ] as const)(
    '%s with %i channels, %s: configurations from shapes, every weight under its diffusers name',
    async (family, inChannels, _name, changes) => {
      const { model, graphs, file, expected } = checkpointOf(family, inChannels, changes);
      const checkpoint = await open(file);
      expect(checkpoint.architecture.id).toBe(family);
      const { sampleSize: _, ...rest } = model.unet;
      expect(checkpoint.unet.config).toMatchObject(rest);
      expect(checkpoint.autoencoder.config).toEqual(model.vae);
      expect(checkpoint.textTowers.map(({ config }) => config)).toEqual(model.towers);
      const networks = [
        { network: checkpoint.unet, graphs: [graphs.unet], tensors: expected.unet },
        { network: checkpoint.autoencoder, graphs: graphs.vae, tensors: expected.vae },
        ...checkpoint.textTowers.map((network, i) => ({
          network,
          graphs: [graphs.towers[i]],
          tensors: expected.towers[i],
        })),
      ];
      for (const { network, graphs, tensors } of networks) {
        expect(() => bindWeights(graphs, network.weights, 'x')).not.toThrow();
        for (const [key, { bytes }] of tensors) expect(same(await network.weights.read(key), bytes), key).toBe(true);
      }
    },
  );

  it('reads no tensor while it opens, and of a fused one only the part that is asked for', async () => {
    const bytes = safetensorsFile(checkpointOf('sd2').file);
    const files = memoryFiles('m', { 'x.safetensors': bytes });
    const reads: [number, number][] = [];
    const watched = {
      ...files,
      read: (path: string, start = 0, end = bytes.length) => {
        reads.push([start, end]);
        return files.read(path, start, end);
      },
    };
    const checkpoint = await openSingleFile(watched, 'x.safetensors');
    const header = 8 + new DataView(bytes.buffer).getUint32(0, true);
    expect(reads.every(([, end]) => end <= header)).toBe(true);
    // How the file begins, the header's length, then itself, once.
    expect(reads).toHaveLength(3);
    await identifyFile(watched);
    expect(reads).toHaveLength(6);
    reads.length = 0;
    await checkpoint.textTowers[0].weights.read('text_model.encoder.layers.0.self_attn.k_proj.weight');
    expect(reads.map(([start, end]) => end - start)).toEqual([64 * 64 * 4]);
  });

  const moved = (file: ReadonlyMap<string, RawTensor>, from: string, to: string) =>
    new Map(Array.from(file, ([key, tensor]) => [key.replace(from, to), tensor]));

  it('knows SD 2.x by its UNet, wherever its text tower lies', async () => {
    const { file, expected } = checkpointOf('sd2');
    const checkpoint = await open(moved(file, 'cond_stage_model.model.', 'conditioner.embedders.0.model.'));
    expect(checkpoint.architecture.id).toBe('sd2');
    expect(checkpoint.unusedKeys).toEqual([]);
    for (const [key, { bytes }] of expected.towers[0])
      expect(same(await checkpoint.textTowers[0].weights.read(key), bytes), key).toBe(true);
  });

  it.each([23, 24])('reads 23 layers of SD 2.x’s text tower, of which a file holds %i', async (held) => {
    const { file } = checkpointOf('sd2');
    for (const [key, tensor] of [...file])
      if (key.includes('.resblocks.0.'))
        for (let i = 1; i < held; i++) file.set(key.replace('.resblocks.0.', `.resblocks.${i}.`), tensor);
    const [{ config, weights }] = (await open(file)).textTowers;
    expect(config.layers).toBe(23);
    expect(weights.entries.has('text_model.encoder.layers.22.mlp.fc1.weight')).toBe(true);
    expect(weights.entries.has('text_model.encoder.layers.23.mlp.fc1.weight')).toBe(false);
  });

  it.each([
    ['edm_mean', /x\.safetensors was trained by EDM .*"edm_mean"/],
    ['edm_std', /x\.safetensors was trained by EDM .*"edm_std"/],
    ['edm_vpred.sigma_max', /x\.safetensors was trained by EDM .*"edm_vpred\.sigma_max"/],
  ])('refuses by name what another kind of training marks: %s', async (marker, message) => {
    const { file } = checkpointOf('sd1');
    file.set(marker, randomTensor(1, [4]));
    const error = await failure(open(file));
    expect([error.code, error.message]).toEqual(['unsupported', expect.stringMatching(message)]);
    const files = memoryFiles('m', { 'x.safetensors': safetensorsFile(file) });
    expect((await failure(identifyFile(files))).message).toMatch(message);
  });

  const numbers = (...values: number[]): RawTensor => {
    const bytes = new Uint8Array(Float32Array.from(values).buffer);
    return { dtype: 'F32', shape: [values.length], bytes };
  };

  it('opens Playground v2.5: by EDM’s maths, on latents normalised channel by channel', async () => {
    const { file } = checkpointOf('sdxl');
    const mean = [-1.5, 2, -1.25, 2.5]; // near its own, and exact in float32
    const std = [8.5, 6, 6.5, 5.25];
    file.set('edm_mean', numbers(...mean)).set('edm_std', numbers(...std));
    const checkpoint = await open(file);
    const { architecture, autoencoder, predictionType, predictionKnown } = checkpoint;
    expect([predictionType, predictionKnown]).toEqual(['epsilon', true]);
    expect(autoencoder.config).toMatchObject({ scalingFactor: 0.5, latentsMean: mean, latentsStd: std });
    const process = architecture.process(configOf(checkpoint), 'diffusers');
    expect([process.sigmaMin, process.sigmaMax, process.trained]).toEqual([0.002, 80, undefined]);
    // Karras et al. 2022, table 1, at sigma 2 with sigma_data 0.5: D = c_skip x + c_out F, F being fed c_in x.
    const [skip, out] = [0.25 / 4.25, 1 / Math.sqrt(4.25)];
    expect(process.denoised(Float64Array.of(3), 2, Float64Array.of(0.5)).x0[0]).toBeCloseTo(3 * skip + 0.5 * out, 12);
    expect(process.input(Float64Array.of(3), 2)[0]).toBeCloseTo(3 / Math.sqrt(4.25), 12);
    expect(process.timestepAt(2)).toBeCloseTo(Math.log(2) / 4, 12);
    expect(architecture.defaults(configOf(checkpoint), 'x')).toMatchObject({ sampler: 'dpmpp_2m', cfgScale: 3 });
    file.delete('edm_std');
    expect((await failure(open(file))).message).toMatch(/"edm_mean" and "edm_std" without the other/);
  });

  it('opens CosXL: by EDM’s maths, predicting v, within the range that the file states', async () => {
    const { file } = checkpointOf('sdxl');
    file.set('edm_vpred.sigma_max', numbers(120)).set('edm_vpred.sigma_min', numbers(0.0078125));
    const checkpoint = await open(file);
    expect([checkpoint.predictionType, checkpoint.predictionKnown]).toEqual(['v_prediction', true]);
    const process = checkpoint.architecture.process(configOf(checkpoint), 'diffusers');
    expect([process.sigmaMin, process.sigmaMax]).toEqual([0.0078125, 120]);
    // With sigma_data 1 it is the v of a variance-preserving process: x0 = signal z - noise v, z = signal x.
    const [signal, noise] = [1 / Math.sqrt(5), 2 / Math.sqrt(5)];
    const x0 = signal * (signal * 3) - noise * 0.5;
    expect(process.denoised(Float64Array.of(3), 2, Float64Array.of(0.5)).x0[0]).toBeCloseTo(x0, 12);
    expect(checkpoint.autoencoder.config).not.toHaveProperty('latentsMean');
  });

  it('takes an inpainting model of SD 2.x for one of the base, which predicts the noise and paints at 512', async () => {
    const checkpoint = await open(checkpointOf('sd2', 9).file);
    expect([checkpoint.predictionType, checkpoint.predictionKnown]).toEqual(['epsilon', false]);
    expect(checkpoint.architecture.defaults(configOf(checkpoint), 'x').width).toBe(512);
  });

  it('of a text tower that lies in it twice, takes the later one, and says so', async () => {
    const { file, expected } = checkpointOf('sd1');
    const key = 'cond_stage_model.transformer.text_model.final_layer_norm.weight';
    const earlier = { ...(file.get(key) as RawTensor), bytes: new Uint8Array(64 * 4) };
    const bare = key.replace('text_model.', '');
    const checkpoint = await open(new Map([[bare, earlier], ...file]));
    const name = 'text_model.final_layer_norm.weight';
    expect(same(await checkpoint.textTowers[0].weights.read(name), expected.towers[0].get(name)!.bytes)).toBe(true);
    expect(checkpoint.warnings.map((one) => spoken(one))).toEqual([
      expect.stringMatching(`"${bare}" and "${key}".*the later one is used`),
    ]);
    const reversed = await open(new Map([...file, [bare, earlier]]));
    expect(same(await reversed.textTowers[0].weights.read(name), earlier.bytes)).toBe(true);
  });

  it('passes over what training leaves in a file, and names what it does not know', async () => {
    const { file } = checkpointOf('sd1');
    for (const key of [
      'betas',
      'alphas_cumprod',
      'model_ema.decay',
      'model_ema.diffusion_modelout2bias',
      'global_step',
    ])
      file.set(key, randomTensor(1, [3]));
    file.set('cond_stage_model.transformer.text_model.embeddings.position_ids', {
      dtype: 'I64',
      shape: [1],
      bytes: new Uint8Array(8),
    });
    expect((await open(file)).unusedKeys).toEqual([]);
    file.set('my_notes.weight', randomTensor(1, [3]));
    expect((await open(file)).unusedKeys).toEqual(['my_notes.weight']);
  });

  it('accepts a wrapper around every key, and a text tower without its outer name', async () => {
    const { file, expected } = checkpointOf('sd1');
    const wrapped = new Map(
      [...file].map(([key, t]) => [`state_dict.${key.replace('transformer.text_model.', 'transformer.')}`, t]),
    );
    const checkpoint = await open(wrapped);
    for (const [key, { bytes }] of expected.towers[0])
      expect(same(await checkpoint.textTowers[0].weights.read(key), bytes), key).toBe(true);
  });

  it.each([
    ['SD 2.x as v, which is a guess', 'sd2', [], undefined, 'v_prediction', false],
    ['SD 1.x as noise', 'sd1', [], undefined, 'epsilon', true],
    ['SDXL as noise, which is a guess', 'sdxl', [], undefined, 'epsilon', false],
    ['a marker key', 'sdxl', ['v_pred'], undefined, 'v_prediction', true],
    ['a marker of zero terminal SNR', 'sdxl', ['ztsnr'], undefined, 'v_prediction', true],
    ['metadata of ModelSpec', 'sd2', [], { 'modelspec.prediction_type': 'epsilon' }, 'epsilon', true],
    ["kohya's metadata", 'sd1', [], { ss_v_parameterization: 'True' }, 'v_prediction', true],
  ] as const)('takes the prediction type from %s', async (_, family, keys, metadata, type, known) => {
    const { file } = checkpointOf(family);
    for (const key of keys) file.set(key, randomTensor(1, [1]));
    const checkpoint = await open(file, metadata);
    expect([checkpoint.predictionType, checkpoint.predictionKnown]).toEqual([type, known]);
    expect(checkpoint.scheduler.rescale_betas_zero_snr).toBe(keys.some((key) => key === 'ztsnr'));
  });

  it.each([
    ['a UNet alone', /^(?!model\.)/, /is a UNet alone: it lacks the text encoder/],
    ['no autoencoder', /^first_stage_model\./, /no autoencoder \(VAE\) of its own/],
    ['no UNet', /^model\./, /is an autoencoder \(VAE\) alone, not a whole model/],
    ['no text layers', /fc1\.weight$/, /layers\.0\.mlp\.fc1\.weight/],
  ])('names what is missing: %s', async (_, missing, message) => {
    const { file } = checkpointOf('sd1');
    for (const key of file.keys()) if (missing.test(key)) file.delete(key);
    expect((await failure(open(file))).message).toMatch(message);
  });

  it.each([
    ['half a LoRA', 'lora_unet_x.lora_down.weight', 'corrupt', /module "x" lacks its up factor/],
    ['a transformer', 'double_blocks.0.img_attn.qkv.weight', 'unsupported', /transformer model/],
    ['an embedding', 'emb_params', 'unsupported', /is a textual inversion, not a whole model/],
  ])('says what a file is instead: %s', async (_, key, code, message) => {
    const error = await failure(open(new Map([[key, randomTensor(1, [2])]])));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('refuses what would paint wrongly: a refiner, odd numbers of channels', async () => {
    const { file: refiner } = checkpointOf('sdxl');
    for (const key of refiner.keys()) if (key.startsWith('conditioner.embedders.0.')) refiner.delete(key);
    expect((await failure(open(refiner))).message).toMatch(/refiner/);
    for (const [channels, what] of [
      [5, ', .* it is a depth model'],
      [7, ', .* an upscaler'],
      [8, ', .* an InstructPix2Pix'],
      [6, ''],
    ]) {
      const odd = memoryFiles('m', { 'x.safetensors': safetensorsFile(checkpointOf('sd2', Number(channels)).file) });
      const { message } = await failure(openCheckpoint(odd));
      expect(message).toMatch(
        new RegExp(`^x.safetensors: the UNet takes ${channels} channels${what}.*\\. Easel .* take 4, or 9`),
      );
    }
  });

  it('refuses two keys that stand for one', async () => {
    const { file } = checkpointOf('sd1');
    const key = 'model.diffusion_model.out.0.weight';
    file.set(`module.${key}`, file.get(key) as RawTensor);
    expect((await failure(open(file))).message).toMatch(
      /module\.model\.diffusion_model\.out\.0\.weight.*both stand for/,
    );
  });
});

describe('openCheckpoint', () => {
  // Playground v2.5's own, rounded: its scheduler_config.json and its VAE's config.json.
  const latents = { scaling_factor: 0.5, latents_mean: [-1.6, 2.3, -1.3, 2.5], latents_std: [8.4, 6, 6.6, 5.2] };

  it('opens a folder whose scheduler is EDM’s, by its numbers and on latents normalised channel by channel', async () => {
    const scheduler = {
      _class_name: 'EDMDPMSolverMultistepScheduler',
      sigma_data: 0.5,
      sigma_min: 0.002,
      sigma_max: 80,
    };
    const checkpoint = await openCheckpoint(memoryFiles('playground', sdxlFolder(scheduler, latents)));
    const { architecture, autoencoder } = checkpoint;
    expect([architecture.id, checkpoint.predictionType]).toEqual(['sdxl', 'epsilon']);
    expect(autoencoder.config).toMatchObject({
      scalingFactor: 0.5,
      latentsMean: latents.latents_mean,
      latentsStd: latents.latents_std,
    });
    const process = architecture.process(configOf(checkpoint), 'diffusers');
    expect([process.sigmaMin, process.sigmaMax]).toEqual([0.002, 80]);
    // Karras et al. 2022, table 1, at sigma 3: c_skip = 0.25 / 9.25, c_out = 1.5 / sqrt(9.25), c_in = 1 / sqrt(9.25).
    const x0 = (0.25 / 9.25) * 2 + (1.5 / Math.sqrt(9.25)) * 0.7;
    expect(process.denoised(Float64Array.of(2), 3, Float64Array.of(0.7)).x0[0]).toBeCloseTo(x0, 12);
    expect(process.input(Float64Array.of(2), 3)[0]).toBeCloseTo(2 / Math.sqrt(9.25), 12);
    expect(process.timestepAt(3)).toBeCloseTo(Math.log(3) / 4, 12);
  });

  it('opens a folder of EDM that predicts v, within the range that its scheduler states', async () => {
    const range = { sigma_data: 1, sigma_min: 0.01, sigma_max: 120, prediction_type: 'v_prediction' };
    const files = sdxlFolder({ _class_name: 'EDMEulerScheduler', ...range }, {});
    const checkpoint = await openCheckpoint(memoryFiles('cos', files));
    const process = checkpoint.architecture.process(configOf(checkpoint), 'diffusers');
    expect([checkpoint.predictionType, process.sigmaMin, process.sigmaMax]).toEqual(['v_prediction', 0.01, 120]);
    // With sigma_data 1, x0 = x / (1 + sigma^2) - v sigma / sqrt(1 + sigma^2).
    const x0 = 3 / 5 - (0.5 * 2) / Math.sqrt(5);
    expect(process.denoised(Float64Array.of(3), 2, Float64Array.of(0.5)).x0[0]).toBeCloseTo(x0, 12);
  });

  it('refuses a folder whose scheduler is for another kind of training', async () => {
    const folder = await openDirectory(join(import.meta.dirname, '../fixtures/sd15/model'));
    const path = 'scheduler/scheduler_config.json';
    const scheduler = JSON.parse(new TextDecoder().decode(await folder.read(path)));
    const withScheduler = (name: string) => {
      const bytes = new TextEncoder().encode(JSON.stringify({ ...scheduler, _class_name: name }));
      return openCheckpoint({
        ...folder,
        size: (file) => (file === path ? bytes.length : folder.size(file)),
        read: async (file, start, end) => (file === path ? bytes.slice(start, end) : folder.read(file, start, end)),
      });
    };
    for (const name of ['EDMDPMSolverMultistepScheduler', 'FlowMatchEulerDiscreteScheduler']) {
      const error = await failure(withScheduler(name));
      expect([error.code, error.message]).toEqual(['unsupported', expect.stringContaining(`"${name}" says so`)]);
    }
  });

  it('opens what torch wrote, in both its forms, with every weight of the safetensors file', async () => {
    const { file, expected } = checkpointOf('sd1');
    for (const legacy of [false, true]) {
      const files = memoryFiles('m', { 'my model.ckpt': torchFile(file, { wrapped: true, legacy }) });
      const checkpoint = await openCheckpoint(files);
      expect(checkpoint.name).toBe('my model');
      for (const [key, { bytes }] of expected.unet)
        expect(same(await checkpoint.unet.weights.read(key), bytes), key).toBe(true);
    }
  });

  it('refuses several checkpoints, and none', async () => {
    const names = (...paths: string[]) =>
      openCheckpoint(memoryFiles('m', Object.fromEntries(paths.map((p) => [p, 'x']))));
    expect((await failure(names('a.safetensors', 'b.safetensors'))).message).toMatch(/2 checkpoints/);
    expect((await failure(names('notes.txt'))).code).toBe('corrupt');
  });
});
