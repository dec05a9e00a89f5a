import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkpointOf, DISTILLED } from '../fixtures/checkpoints';
import { failure } from '../fixtures/failure';
import { type RawTensor, randomTensor, safetensorsFile } from '../fixtures/random-model';
import { parseUnetConfig } from '../graph/config';
import { openScheduler } from '../layouts/diffusers-folder';
import { identifyFile } from '../parts/index';
import { bindWeights } from '../weights/bind';
import { memoryFiles } from '../weights/memory-files';
import { openCheckpoint } from './open-checkpoint';

/** Files from the wild by the rows of ../shared/wild/README.md: each is one sample of a kind. */

type Tensors = ReadonlyMap<string, RawTensor>;
const filesOf = (tensors: Tensors, path = 'x.safetensors') => memoryFiles('m', { [path]: safetensorsFile(tensors) });
const SMALL = checkpointOf('sd1', 4, DISTILLED['BK-SDM']);

/** The same numbers, all of them 1 or -2, in another type. */
function retyped({ shape }: RawTensor, dtype: 'F8_E4M3' | 'F8_E5M2' | 'F64'): RawTensor {
  const count = shape.reduce((product, side) => product * side, 1);
  const patterns = { F8_E4M3: [0x38, 0xc0], F8_E5M2: [0x3c, 0xc0], F64: [] };
  const bytes =
    dtype === 'F64'
      ? new Uint8Array(Float64Array.from({ length: count }, (_, i) => [1, -2][i % 2]).buffer)
      : Uint8Array.from({ length: count }, (_, i) => patterns[dtype][i % 2]);
  return { dtype: dtype as never, shape, bytes };
}

describe('files from the wild', () => {
  it('5: a folder’s UNet that states no middle block has none', () => {
    const levels = { block_out_channels: [32], down_block_types: ['DownBlock2D'], up_block_types: ['UpBlock2D'] };
    expect(parseUnetConfig({ ...levels, mid_block_type: null }).middle).toBe('none');
    expect(parseUnetConfig(levels).middle).toEqual({ depth: 1 });
  });

  it('6: SSD-1B, whose depths differ within a level and whose middle is one ResNet, opens as SDXL', async () => {
    const { architecture, unet } = await openCheckpoint(filesOf(checkpointOf('sdxl', 4, DISTILLED['SSD-1B']).file));
    expect(architecture.id).toBe('sdxl');
    expect(unet.config).toMatchObject({ middle: 'one-resnet', downDepths: [[], [2, 1]], upDepths: [[2, 1, 3], []] });
  });

  it.each(['F8_E4M3', 'F8_E5M2', 'F64'] as const)('7: a checkpoint of %s is read', async (dtype) => {
    const file = new Map(Array.from(SMALL.file, ([key, tensor]) => [key, retyped(tensor, dtype)]));
    const { unet } = await openCheckpoint(filesOf(file));
    const bound = bindWeights([SMALL.graphs.unet], unet.weights, 'unet', 'warn');
    const slot = SMALL.graphs.unet.weights.find(({ key, layout }) => key === 'conv_in.bias' && layout !== 'transpose');
    const bytes = await bound.read(slot!);
    expect([...new Float32Array(bytes.slice().buffer)].slice(0, 3)).toEqual([1, -2, 1]);
  });

  it('7: weights in 8 bits that are scaled are refused by name', async () => {
    const key = 'model.diffusion_model.out.2.scale_weight';
    const file = new Map([...SMALL.file, [key, randomTensor(1, [])] as const]);
    expect((await failure(openCheckpoint(filesOf(file)))).message).toContain(
      `x.safetensors holds weights that "${key}"`,
    );
  });

  it('12: .sft is .safetensors', async () => {
    expect((await openCheckpoint(filesOf(SMALL.file, 'model.sft'))).name).toBe('model');
  });

  it('21: an embedding of A1111’s first form, of diffusers’ towers, or with too many vectors is told by name', async () => {
    const report = (...tensors: (readonly [string, RawTensor])[]) => identifyFile(filesOf(new Map(tensors)));
    expect(await report(['string_to_param.*', randomTensor(1, [2, 4])])).toEqual({ kind: 'embedding', word: 'x' });
    const towers = [['text_encoders_0', randomTensor(1, [2, 4])], ['text_encoders_1', randomTensor(1, [2, 8])]] as const; // biome-ignore format: one pair
    expect(await report(...towers)).toEqual({ kind: 'embedding', word: 'x' });
    expect((await failure(report(['emb_params', randomTensor(1, [80, 4])]))).message).toMatch(/has 80 vectors/);
  });

  it('30: fields of a scheduler that are null have their defaults', async () => {
    const fields = ['_class_name', 'num_train_timesteps', 'beta_start', 'beta_schedule', 'prediction_type', 'timestep_spacing', 'steps_offset', 'set_alpha_to_one', 'rescale_betas_zero_snr', 'final_sigmas_type', 'original_inference_steps', 'sigma_min']; // biome-ignore format: one list
    const read = (json: object) =>
      openScheduler(memoryFiles('m', { 'scheduler/scheduler_config.json': JSON.stringify(json) }));
    expect(await read(Object.fromEntries(fields.map((field) => [field, null])))).toEqual(await read({}));
  });

  it('all kinds: with any keys dropped, added, renamed or of another type, a file opens, or is refused by name', async () => {
    const entries = [...SMALL.file];
    const edit = fc.record({
      at: fc.nat(entries.length - 1),
      how: fc.constantFrom('drop', 'add', 'rename', 'F8_E4M3', 'F8_E5M2', 'F64', 'I64'),
    });
    const property = fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
      const file = new Map(entries);
      for (const { at, how } of edits) {
        const [key, tensor] = entries[at];
        if (how === 'drop' || how === 'rename') file.delete(key);
        if (how === 'add' || how === 'rename') file.set(`${key}_`, tensor);
        if (how === 'I64') file.set(key, { ...retyped(tensor, 'F64'), dtype: 'I64' });
        else if (how.startsWith('F')) file.set(key, retyped(tensor, how as 'F64'));
      }
      const opened = openCheckpoint(filesOf(file)).then(({ unet }) => {
        bindWeights([SMALL.graphs.unet], unet.weights, unet.name, 'warn');
      });
      await opened.catch(({ code, message }) => {
        expect(['corrupt', 'unsupported']).toContain(code);
        expect(message).toContain('x.safetensors');
      });
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it('all kinds: with any keys added, and any of another type of float, a file opens, and what was added is named', async () => {
    const entries = [...SMALL.file];
    const place = fc.nat(entries.length - 1);
    const retypes = fc.array(fc.tuple(place, fc.constantFrom('F8_E4M3', 'F8_E5M2', 'F64')), { maxLength: 4 });
    const property = fc.asyncProperty(fc.uniqueArray(place, { maxLength: 3 }), retypes, async (added, others) => {
      const file = new Map(entries);
      for (const [at, dtype] of others) file.set(entries[at][0], retyped(entries[at][1], dtype as 'F64'));
      for (const at of added) file.set(`odd.${entries[at][0]}`, entries[at][1]);
      const { unet, textTowers, architecture, unusedKeys } = await openCheckpoint(filesOf(file));
      expect(architecture.id).toBe('sd1');
      bindWeights([SMALL.graphs.unet], unet.weights, unet.name, 'error');
      bindWeights(SMALL.graphs.towers, textTowers[0].weights, 'text', 'error');
      expect(unusedKeys.toSorted()).toEqual(added.map((at) => `odd.${entries[at][0]}`).toSorted());
    });
    await fc.assert(property, { numRuns: 30 });
  });
});
