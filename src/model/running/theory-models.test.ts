import { describe, expect, it } from 'vitest';
import { SAMPLERS } from '../../core/diffusion/samplers/index';
import { EaselError } from '../../core/errors';
import { asPaintedBy } from '../../core/request/applicable';
import { readParameters } from '../../core/request/parameters';
import { parseRequest } from '../../core/request/request';
import { paint } from '../../pipeline/generate';
import { encodePicture } from '../../pipeline/picture';
import { failure } from '../fixtures/failure';
import { classifierTensors, fileOfTensors } from '../fixtures/guided-diffusion';
import { asPublished } from '../fixtures/published-names';
import { randomTensors, safetensorsFile } from '../fixtures/random-model';
import { CLASS_NAMES, PLAIN, type TheoryModel, theoryFolder, UNETS } from '../fixtures/theory-models';
import { buildDenoiser, parseDenoiserConfig } from '../graph/denoiser';
import { buildNameClassifier } from '../graph/name-classifier';
import { chooseDevice } from '../runtime/device';
import { memoryFiles } from '../weights/memory-files';
import { loadModel } from './load';
import { openCheckpoint } from './open-checkpoint';
import type { PaintingModel } from './painting-model';

type Changes = Parameters<typeof theoryFolder>[1];

const load = async (kind: TheoryModel, changes?: Changes) =>
  loadModel(memoryFiles(kind, theoryFolder(kind, changes)), await chooseDevice('wasm', 2));

/** A picture as the page has it painted, in few steps. */
function painted(model: PaintingModel, fields: object = {}, from: Parameters<typeof paint>[3] = {}) {
  const request = asPaintedBy(parseRequest({ ...model.info.defaults, steps: 2, seed: 3, ...fields }), model.info);
  return { request, picture: paint(model, request, {}, from) };
}

const GIVEN = {
  picture: { width: 8, height: 8, data: Uint8ClampedArray.from({ length: 256 }, (_, i) => (37 * i) % 256) },
};
const mean = (pixels: Uint8Array) => pixels.reduce((sum, value) => sum + value, 0) / pixels.length;

/** Samplers that place their noise levels themselves. */
const OWN_LEVELS = ['dpm_fast', 'dpm_adaptive', 'rk45'];

describe('a model without text', () => {
  it.each([
    ['ddpm', 'ddpm', 'none', { sampler: 'ddpm', varianceType: 'fixed_large', width: 16, cfgScale: 1 }],
    ['adm', 'adm', 'class', { sampler: 'ddim', width: 16 }],
    ['consistency', 'adm', 'class', { sampler: 'consistency', steps: 2, width: 16 }],
    ['ncsnpp', 'ncsnpp', 'none', { sampler: 'predictor_corrector', schedule: 'exponential', width: 16 }],
    ['ldm', 'ldm', 'none', { sampler: 'ddim', width: 32 }],
    ['super-resolution', 'ldm', 'none', { sampler: 'ddim', width: 32 }],
  ] as const)('%s opens from its folder as %s, told: %s', async (kind, id, conditioning, defaults) => {
    const { info, dispose, runs } = await load(kind);
    expect(info).toMatchObject({ architecture: { id }, conditioning, defaults });
    expect(runs.textEncoder).toBe(0);
    await dispose();
  });

  it.each(['ddpm', 'consistency', 'ncsnpp', 'ldm'] as const)(
    '%s paints, at its own size, the same again',
    async (kind) => {
      const model = await load(kind);
      const { rgb, width, height } = await painted(model, { width: 32, height: 32 }).picture;
      const side = kind === 'ldm' ? 32 : 16;
      expect([width, height]).toEqual([side, side]);
      // Random weights at NCSN++'s first noise level paint little but black and white.
      expect(new Set(rgb).size).toBeGreaterThan(kind === 'ncsnpp' ? 1 : 8);
      const again = await painted(model, { width, height }).picture;
      expect(again.rgb).toEqual(rgb);
      const other = await painted(model, { width, height, seed: 4 }).picture;
      expect(other.rgb).not.toEqual(rgb);
      await model.dispose();
    },
  );

  it.each([
    ['ddpm', []],
    ['adm', []],
    // It goes by the timesteps of a trained table, which a model that is told noise levels has none of.
    ['ncsnpp', ['lcm']],
  ] as const)('%s paints with every sampler, but those that it cannot have: %j', async (kind, without) => {
    const model = await load(kind);
    const refused: string[] = [];
    const pictures = new Set<string>();
    for (const sampler of Object.keys(SAMPLERS)) {
      const schedule = OWN_LEVELS.includes(sampler) ? 'automatic' : model.info.defaults.schedule;
      const { picture } = painted(model, { sampler, schedule, steps: 3 });
      const result = await picture.catch((thrown: EaselError) => thrown);
      if (!(result instanceof EaselError)) pictures.add(result.rgb.join());
      else if (/a table of trained timesteps/.test(result.message)) refused.push(sampler);
      else throw result;
    }
    expect(refused).toEqual(without);
    expect(pictures.size).toBeGreaterThan(Object.keys(SAMPLERS).length / 3);
    await model.dispose();
  });

  it('keeps x0 within range as it is asked: not at all, clipped, or by Imagen’s dynamic threshold', async () => {
    const model = await load('ddpm');
    expect(model.info.thresholding).toEqual({ kind: 'static', limit: 1 });
    const [own, none, clipped, dynamic] = await Promise.all(
      ['model', 'none', 'static', 'dynamic'].map(
        (thresholding) => painted(model, { sampler: 'ddim', thresholding }).picture,
      ),
    );
    expect(own.rgb).toEqual(clipped.rgb);
    expect(none.rgb).not.toEqual(clipped.rgb);
    expect(dynamic.rgb).not.toEqual(clipped.rgb);
    expect(dynamic.rgb).not.toEqual(none.rgb);
    await model.dispose();
  });

  it('NCSN++ paints around 0 to 1, which is shown from black to white', async () => {
    const model = await load('ncsnpp');
    const planes = await model.decode(
      Float32Array.from({ length: 12 }, (_, i) => (i < 6 ? 0 : 1)),
      2,
      2,
    );
    expect([...planes]).toEqual(Array.from({ length: 12 }, (_, i) => (i < 6 ? -1 : 1)));
    expect([...(await model.encode(planes, 2, 2)).mean]).toEqual(Array.from({ length: 12 }, (_, i) => (i < 6 ? 0 : 1)));
    await model.dispose();
  });

  it('a picture to paint from is kept where nothing is painted anew, pixel by pixel', async () => {
    const model = await load('ddpm');
    const given = { picture: { ...GIVEN.picture, width: 8, height: 8 } };
    const { rgb } = await painted(model, { denoisingStrength: 0.1, sampler: 'ddim', steps: 20 }, { given }).picture;
    const stretched = await painted(model, { denoisingStrength: 0 }, { given }).picture;
    expect(Math.abs(mean(rgb) - mean(stretched.rgb))).toBeLessThan(25);
    await model.dispose();
  });
});

it('one that predicts the picture itself is believed as it stands (prediction_type: sample)', async () => {
  const model = await load('ddpm', { scheduler: { prediction_type: 'sample' } });
  expect(model.info.predictionType).toBe('sample');
  const [x, output] = [Float32Array.of(5, -3, 0.5), Float32Array.of(0.25, -0.5, 1)];
  expect(model.process('exact').denoised(x, 2, output).x0).toEqual(output);
  const noise = await load('ddpm');
  const pictures = [painted(model, { sampler: 'ddim' }), painted(noise, { sampler: 'ddim' })];
  const [of, other] = await Promise.all(pictures.map(({ picture }) => picture));
  expect(of.rgb).not.toEqual(other.rgb);
  await Promise.all([model.dispose(), noise.dispose()]);
});

describe('a class', () => {
  it('changes the picture, stands in its text with its name and is read back from there', async () => {
    const id2label = Object.fromEntries(CLASS_NAMES.map((name, label) => [label, name]));
    const model = await load('adm', { index: { id2label } });
    expect(model.info).toMatchObject({ classes: 7, classNames: CLASS_NAMES });
    const { request, picture } = painted(model, { classLabel: 3, prompt: 'a fox', cfgScale: 9 });
    expect(request).toMatchObject({ prompt: '', cfgScale: 1, classLabel: 3 });
    const { parameters } = await encodePicture(await picture, request, model.info);
    expect(parameters).toContain('Class: "3 \\"hen, biddy\\""');
    expect(readParameters(parameters).request).toMatchObject({ classLabel: 3, prompt: '', width: 16, height: 16 });
    const other = await painted(model, { classLabel: 4 }).picture;
    expect(other.rgb).not.toEqual((await picture).rgb);
    await model.dispose();
  });

  it('is written by its label alone where it has no name, and first too', async () => {
    const model = await load('adm');
    const { request, picture } = painted(model);
    const { parameters } = await encodePicture(await picture, request, model.info);
    expect(parameters).toContain('Class: 0, ');
    expect(readParameters(parameters).request.classLabel).toBe(0);
    await model.dispose();
  });

  it.each([1000, 1001])('of %i is called as ImageNet calls it, but where the folder says otherwise', async (count) => {
    const unet = { num_class_embeds: count };
    const { info, dispose } = await load('adm', { unet });
    expect(info).toMatchObject({ classes: 1000, nullClass: count === 1001 ? 1000 : undefined });
    expect(info.classNames).toHaveLength(1000);
    expect([0, 207, 986, 999].map((label) => info.classNames?.[label])).toEqual([
      'tench',
      'golden retriever',
      "yellow lady's slipper",
      'toilet tissue',
    ]);
    await dispose();
    const id2label = Object.fromEntries(Array.from({ length: count }, (_, label) => [label, `thing ${label}`]));
    const own = await load('adm', { unet, index: { id2label } });
    expect(own.info.classNames?.[207]).toBe('thing 207');
    await own.dispose();
  });

  it('is refused where the model has fewer', async () => {
    const model = await load('adm');
    const { code, message } = await failure(painted(model, { classLabel: 7 }).picture);
    expect([code, message]).toEqual(['bad-request', 'Class must be at most 6 with this model.']);
    await model.dispose();
  });
});

describe('a classifier that the folder brings', () => {
  const NAMES = ['fox', 'barn', 'boat'];
  const guidance = (names: readonly string[]) => {
    const config = {
      latentChannels: 3,
      widths: [8, 16],
      timeFeatures: 8,
      timeWidth: 12,
      width: 10,
      names: names.length,
    };
    return {
      'guidance/tower.safetensors': safetensorsFile(randomTensors([buildNameClassifier(config)])),
      'guidance/names.json': JSON.stringify(names),
    };
  };
  const withClassifier = async (kind: TheoryModel, names: readonly string[]) =>
    loadModel(memoryFiles(kind, { ...theoryFolder(kind), ...guidance(names) }), await chooseDevice('wasm', 2));

  it('guides a model that is told nothing to the class that is picked by its names', async () => {
    const model = await withClassifier('ddpm', NAMES);
    const { conditioning, classes, classNames, defaults } = model.info;
    expect({ conditioning, classes, classNames }).toEqual({ conditioning: 'none', classes: 3, classNames: NAMES });
    expect(defaults.classifierScale).toBe(1);
    const { request, picture } = painted(model, { classLabel: 2, classifierScale: 8 });
    const { parameters } = await encodePicture(await picture, request, model.info);
    expect(parameters).toContain('Class: 2 "boat"');
    const [boat, fox, plain] = await Promise.all([
      picture,
      painted(model, { classLabel: 0, classifierScale: 8 }).picture,
      painted(model, { classLabel: 2, classifierScale: 0 }).picture,
    ]);
    expect(boat.rgb).not.toEqual(fox.rgb);
    expect(boat.rgb).not.toEqual(plain.rgb);
    const { code, message } = await failure(painted(model, { classLabel: 3 }).picture);
    expect([code, message]).toEqual(['bad-request', 'Class must be at most 2 with this model.']);
    await model.dispose();
  });

  it('guides a model by class to the class that it is told; it must know as many', async () => {
    const model = await withClassifier('adm', CLASS_NAMES);
    expect(model.info.defaults.classifierScale).toBeUndefined();
    const [guided, plain] = [painted(model, { classLabel: 4, classifierScale: 8 }), painted(model, { classLabel: 4 })];
    expect((await guided.picture).rgb).not.toEqual((await plain.picture).rgb);
    await model.dispose();
    const { code, message } = await failure(withClassifier('adm', NAMES));
    expect([code, message]).toEqual(['corrupt', 'guidance tells 3 classes apart, but the model has 7 classes.']);
  });
});

describe('guided diffusion’s own classifier', () => {
  /** The model's file of 32 x 32 pixels with its flags. @param classes that it is told; none, where undefined */
  function modelFiles(classes: number | undefined): Record<string, string | Uint8Array> {
    const unet = {
      attention_head_dim: 16,
      norm_num_groups: 32,
      attn_norm_num_groups: 32,
      block_out_channels: [32, 64],
    };
    const stated = { ...UNETS.adm, ...unet, num_class_embeds: classes, sample_size: 32 };
    const tensors = randomTensors([buildDenoiser(parseDenoiserConfig(stated), PLAIN)]);
    return {
      'model.safetensors': safetensorsFile(asPublished(tensors, { layers: 1, headWidth: 16 })),
      'config.json': JSON.stringify({ image_size: 32, num_head_channels: 16 }),
    };
  }
  const classifier = fileOfTensors(classifierTensors(7, 16));
  const opened = async (files: Record<string, string | Uint8Array>) =>
    loadModel(memoryFiles('guided', files), await chooseDevice('wasm', 2));

  it.each([
    ['told the class too', 7, 1, 'class'],
    ['that no class is told', undefined, 10, 'none'],
  ] as const)('beside the file of a model guides it, one %s', async (_, classes, classifierScale, conditioning) => {
    const model = await opened({ ...modelFiles(classes), 'c.safetensors': classifier });
    expect(model.info).toMatchObject({ conditioning, classes: 7, fixedSide: 32, defaults: { classifierScale } });
    expect(model.info.classifierNames).toEqual(['0', '1', '2', '3', '4', '5', '6']);
    const one = await painted(model, { classLabel: 1 }).picture;
    const plain = await painted(model, { classLabel: 1, classifierScale: 0 }).picture;
    const other = await painted(model, { classLabel: 6 }).picture;
    expect(one.rgb).not.toEqual(plain.rgb);
    expect(one.rgb).not.toEqual(other.rgb);
    await model.dispose();
  });

  it('is opened from a file of its own where one is chosen; it must be for such pictures', async () => {
    const files = memoryFiles('c', { 'c.safetensors': classifier });
    const chosen = { classifier: { files, path: 'c.safetensors' } };
    const { classifier: found } = await openCheckpoint(memoryFiles('guided', modelFiles(7)), chosen);
    expect(found?.names).toHaveLength(7);
    const messageOf = async (kind: TheoryModel) =>
      (await failure(openCheckpoint(memoryFiles(kind, theoryFolder(kind)), chosen))).message;
    expect(await messageOf('adm')).toMatch(/c.safetensors is for pictures of 32 × 32; "adm" paints 16/);
    expect(await messageOf('ldm')).toMatch(/guides models of pixels; "ldm" has latents/);
    const twice = { ...modelFiles(7), 'c.safetensors': classifier, 'd.safetensors': classifier };
    expect((await failure(opened(twice))).message).toMatch(/holds 3 checkpoints/);
  });
});

describe('a model that makes pictures larger', () => {
  it('is shown the picture as small as its latent, and asks for one', async () => {
    const model = await load('super-resolution');
    const size = { width: 32, height: 48 };
    const { rgb, width, height, given } = await painted(model, size, { given: GIVEN }).picture;
    expect([width, height, given]).toEqual([32, 48, 'picture']);
    const white = { picture: { ...GIVEN.picture, data: new Uint8ClampedArray(256).fill(255) } };
    expect((await painted(model, size, { given: white }).picture).rgb).not.toEqual(rgb);
    expect((await failure(painted(model, size).picture)).message).toMatch(/makes a picture larger/);
    await model.dispose();
  });
});

describe('what is not known is refused by its name', () => {
  it.each([
    [
      'a block',
      { unet: { down_block_types: ['DownBlock2D', 'KDownBlock2D'] } },
      /down_block_types\.1 = "?KDownBlock2D/,
    ],
    ['a scheduler', { scheduler: { _class_name: 'KarrasVeScheduler' } }, /KarrasVeScheduler.*DDPMScheduler/],
    ['a time embedding', { unet: { time_embedding_type: 'learned' } }, /time_embedding_type = "?learned/],
    ['a pipeline', { index: { _class_name: 'RePaintPipeline' } }, /names RePaintPipeline/],
    ['classes by another embedding', { unet: { class_embed_type: 'timestep' } }, /class_embed_type = "?timestep/],
    ['more channels than are shown', { unet: { in_channels: 6, out_channels: 6 } }, /6 channels/],
  ] as const)('%s', async (_, changes, message) => {
    const { code, message: said } = await failure(load('ddpm', changes as Changes));
    expect(code).toBe('unsupported');
    expect(said).toMatch(message);
  });
});
