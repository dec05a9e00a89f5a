import { describe, expect, it } from 'vitest';
import { said, spoken } from '../../core/errors';
import { same } from '../fixtures/checkpoints';
import { failure } from '../fixtures/failure';
import { type RawTensor, randomTensor, safetensorsFile, stateDictOf } from '../fixtures/random-model';
import { GraphBuilder } from '../graph/builder';
import { bindWeights } from './bind';
import { decodeFloats, toHalf } from './dtypes';
import { type Lora, openLora } from './lora';
import { withLoras } from './lora-merge';
import { memoryFiles } from './memory-files';
import { diffusersUnetModule } from './original-names';
import type { StateDict } from './state-dict';

const LINEAR = 'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0.weight';
const CONV = 'down_blocks.0.resnets.0.conv1.weight';
const base = () =>
  stateDictOf(
    new Map([
      [LINEAR, randomTensor(1, [4, 6])],
      [CONV, randomTensor(2, [3, 2, 3, 3])],
      ['conv_in.bias', randomTensor(3, [5])],
    ]),
  );

const lora = (tensors: Record<string, RawTensor>): Promise<Lora> =>
  openLora(memoryFiles('m', { 'x.safetensors': safetensorsFile(new Map(Object.entries(tensors))) }), 'x.safetensors');

const number = (value: number): RawTensor => ({
  dtype: 'F32',
  shape: [],
  bytes: new Uint8Array(Float32Array.of(value).buffer),
});
const floats = async (dict: StateDict, key: string) => Array.from(decodeFloats(await dict.read(key), 'F32'));
const valuesOf = ({ bytes }: RawTensor) => Array.from(decodeFloats(bytes, 'F32'));

/** up [rows, rank] times down [rank, columns], by the definition. */
function times(up: readonly number[], down: readonly number[], rank: number): number[] {
  const columns = down.length / rank;
  return Array.from({ length: (up.length / rank) * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return Array.from({ length: rank }, (_, r) => up[row * rank + r] * down[r * columns + column]).reduce(
      (a, b) => a + b,
    );
  });
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 6);
}

const [UP, DOWN] = [randomTensor(11, [4, 2]), randomTensor(12, [2, 6])];
const KOHYA = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_out_0';
const DOTTED = LINEAR.replace('.weight', '');
const NAME = DOTTED.replaceAll('.', '_');
const kohya = (alpha: number) =>
  lora({ [`${KOHYA}.lora_up.weight`]: UP, [`${KOHYA}.lora_down.weight`]: DOWN, [`${KOHYA}.alpha`]: number(alpha) });

describe('withLoras', () => {
  it('adds weight alpha / rank up down, for several files at once', async () => {
    const dict = await base();
    const uses = [
      { lora: await kohya(1), unetWeight: 0.5, textWeight: 1 },
      { lora: await kohya(4), unetWeight: -2, textWeight: 1 },
    ];
    const adapted = withLoras(dict, 'unet', uses);
    expect(adapted.changed).toBe(1);
    expect(adapted.reports).toEqual(uses.map(() => ({ name: 'x', used: 1, unmatched: [] })));
    const delta = times(valuesOf(UP), valuesOf(DOWN), 2);
    const before = await floats(dict, LINEAR);
    expectClose(
      await floats(adapted.dict, LINEAR),
      before.map((w, i) => w + (0.5 * 0.5 - 2 * 2) * delta[i]),
    );
  });

  it('gives the original bytes again when it is taken away, and leaves others as they are', async () => {
    const dict = await base();
    const before = (await dict.read(LINEAR)).slice();
    const use = { lora: await kohya(2), textWeight: 1 };
    const { dict: adapted } = withLoras(dict, 'unet', [{ ...use, unetWeight: 0.8 }]);
    expect(await adapted.read(LINEAR)).not.toEqual(before);
    expect(await adapted.read(CONV)).toEqual(await dict.read(CONV));
    for (const uses of [[], [{ ...use, unetWeight: 0 }]]) {
      expect(await withLoras(dict, 'unet', uses).dict.read(LINEAR)).toEqual(before);
    }
    expect(withLoras(dict, 'text_encoder', [{ ...use, unetWeight: 0.8 }]).changed).toBe(0);
  });

  it.each(['F32', 'F16'] as const)('serves graphs the same sum, from %s weights, a part at a time', async (dtype) => {
    // Three times what is worked on at once; 1300 columns begin at no whole step.
    const [rows, columns] = [600, 1300];
    const dict = await stateDictOf(new Map([[LINEAR, randomTensor(1, [rows, columns], dtype)]]));
    const factors = { up: randomTensor(2, [rows, 2], 'F16'), down: randomTensor(3, [2, columns], 'F16') };
    const file = await lora({ [`${KOHYA}.lora_up.weight`]: factors.up, [`${KOHYA}.lora_down.weight`]: factors.down });
    const merged = withLoras(dict, 'unet', [
      { lora: file, unetWeight: 0.7, textWeight: 1 },
      { lora: file, unetWeight: -0.2, textWeight: 1 },
    ]).dict;
    const sum = decodeFloats(await merged.read(LINEAR), 'F32');
    const [weight, up, down] = [
      decodeFloats(await dict.read(LINEAR), dtype),
      decodeFloats(factors.up.bytes, 'F16'),
      decodeFloats(factors.down.bytes, 'F16'),
    ];
    for (const [row, column] of [
      [0, 0],
      [599, 1299],
      [201, 17],
      [400, 1280],
    ]) {
      const delta = up[2 * row] * down[column] + up[2 * row + 1] * down[columns + column];
      expect(sum[row * columns + column]).toBeCloseTo(weight[row * columns + column] + 0.5 * delta, 6);
    }
    for (const precision of ['float32', 'float16'] as const) {
      for (const layout of ['as-is', 'transpose'] as const) {
        const g = GraphBuilder.create('g', { operators: 'plain', precision });
        g.weight(LINEAR, [rows, columns], { layout });
        const graph = g.finish();
        const served = await bindWeights([graph], merged, 'g').read(graph.weights[0]);
        const turned = (_: number, i: number) => sum[(i % rows) * columns + Math.floor(i / rows)];
        const floats = layout === 'as-is' ? sum : sum.map(turned);
        const wanted = new Uint8Array((precision === 'float32' ? floats : toHalf(floats)).buffer);
        expect(same(served, wanted), `${precision}, ${layout}`).toBe(true);
      }
    }
  });

  it.each([
    [
      'PEFT',
      `unet.${LINEAR.replace('.weight', '.lora_A.weight')}`,
      `unet.${LINEAR.replace('.weight', '.lora_B.weight')}`,
    ],
    [
      'PEFT with an adapter name',
      `base_model.model.${LINEAR.replace('.weight', '.lora_A.default.weight')}`,
      `base_model.model.${LINEAR.replace('.weight', '.lora_B.default.weight')}`,
    ],
    [
      'diffusers',
      `unet.${LINEAR.replace('.weight', '.lora.down.weight')}`,
      `unet.${LINEAR.replace('.weight', '.lora.up.weight')}`,
    ],
    [
      "diffusers' old processors",
      `unet.${LINEAR.replace('to_out.0.weight', 'processor.to_out_lora.down.weight')}`,
      `unet.${LINEAR.replace('to_out.0.weight', 'processor.to_out_lora.up.weight')}`,
    ],
  ])('knows the keys of %s, without an alpha', async (_, down, up) => {
    const dict = await base();
    const use = { lora: await lora({ [down]: DOWN, [up]: UP }), unetWeight: 1, textWeight: 1 };
    const delta = times(valuesOf(UP), valuesOf(DOWN), 2);
    const before = await floats(dict, LINEAR);
    expectClose(
      await floats(withLoras(dict, 'unet', [use]).dict, LINEAR),
      before.map((w, i) => w + delta[i]),
    );
  });

  it.each([
    ['kohya’s OFT', 'unet', `oft_unet_${NAME}.oft_blocks`],
    ['LyCORIS’ wrapper', 'unet', `lycoris_${NAME}.lokr_w1`],
    ['PEFT’s LoKr', 'unet', `base_model.model.${DOTTED}.lokr_w1`],
    ['diffusers’ DoRA', 'unet', `unet.${DOTTED}.lora_magnitude_vector`],
    ['LyCORIS, SD 1.x and 2.x', 'text_encoder', 'lora_te_text_model_encoder_layers_3_mlp_fc1.hada_w1_a'],
    ['LyCORIS, SDXL', 'text_encoder', 'lora_te1_text_model_encoder_layers_3_mlp_fc1.hada_w1_a'],
    ['its second tower', 'text_encoder_2', 'lora_te2_text_model_encoder_layers_3_mlp_fc1.lokr_w1'],
    [
      'diffusers’ towers',
      'text_encoder',
      'text_encoder.text_model.encoder.layers.3.mlp.fc1.lora_linear_layer.down.weight',
    ],
    ['PEFT’s', 'text_encoder_2', 'text_encoder_2.text_model.encoder.layers.3.mlp.fc1.lora_A.weight'],
  ] as const)('finds the module of %s', async (_, network, key) => {
    // Half a module: where it is found, its name is told with what it lacks.
    const file = await lora({ [key]: UP, 'lora_unet_whole.diff': UP });
    const all = [...file.modules[network].keys(), ...file.unused.map((one) => spoken(said`${one}`))].join();
    expect(all).toContain(network === 'unet' ? NAME : 'text_model_encoder_layers_3_mlp_fc1');
    expect(all).not.toContain(key);
  });

  it('merges 3x3 kernels, also with a middle factor', async () => {
    const dict = await base();
    const module = 'lora_unet_down_blocks_0_resnets_0_conv1';
    const before = await floats(dict, CONV);
    const [up, down] = [randomTensor(21, [3, 2, 1, 1]), randomTensor(22, [2, 2, 3, 3])];
    const plain = await lora({ [`${module}.lora_up.weight`]: up, [`${module}.lora_down.weight`]: down });
    const delta = times(valuesOf(up), valuesOf(down), 2);
    const merged = withLoras(dict, 'unet', [{ lora: plain, unetWeight: 1, textWeight: 1 }]);
    expectClose(
      await floats(merged.dict, CONV),
      before.map((w, i) => w + delta[i]),
    );

    const [flat, mid] = [randomTensor(23, [2, 2, 1, 1]), randomTensor(24, [2, 2, 3, 3])];
    const tucker = await lora({
      [`${module}.lora_up.weight`]: up,
      [`${module}.lora_down.weight`]: flat,
      [`${module}.lora_mid.weight`]: mid,
    });
    const [u, d, m] = [up, flat, mid].map(valuesOf);
    const expected = before.map((w, index) => {
      const [o, i, p] = [Math.floor(index / 18), Math.floor(index / 9) % 2, index % 9];
      let sum = 0;
      for (let a = 0; a < 2; a++)
        for (let b = 0; b < 2; b++) sum += u[o * 2 + a] * m[(a * 2 + b) * 9 + p] * d[b * 2 + i];
      return w + sum;
    });
    expectClose(
      await floats(withLoras(dict, 'unet', [{ lora: tucker, unetWeight: 1, textWeight: 1 }]).dict, CONV),
      expected,
    );
  });

  it('reads an alpha of any type of number', async () => {
    const dict = await base();
    // sd-scripts' svd_merge_lora.py writes int64.
    const alpha: RawTensor = { dtype: 'I64', shape: [], bytes: new Uint8Array(BigInt64Array.of(1n).buffer) };
    const file = await lora({
      [`${KOHYA}.lora_up.weight`]: UP,
      [`${KOHYA}.lora_down.weight`]: DOWN,
      [`${KOHYA}.alpha`]: alpha,
    });
    const merged = withLoras(dict, 'unet', [{ lora: file, unetWeight: 1, textWeight: 1 }]);
    const delta = times(valuesOf(UP), valuesOf(DOWN), 2);
    const before = await floats(dict, LINEAR);
    expectClose(
      await floats(merged.dict, LINEAR),
      before.map((w, i) => w + 0.5 * delta[i]), // alpha / rank = 1 / 2
    );
  });

  it('adds LyCORIS’ norms, whole differences and scalar, and PEFT’s bias of the up projection', async () => {
    const [NORM, LAYER] = ['down_blocks.0.resnets.0.norm1', 'down_blocks.0.resnets.0.conv_shortcut'];
    const tensors = {
      [LINEAR]: randomTensor(1, [4, 6]),
      [LINEAR.replace('weight', 'bias')]: randomTensor(2, [4]),
      [`${NORM}.weight`]: randomTensor(3, [5]),
      [`${NORM}.bias`]: randomTensor(4, [5]),
      [`${LAYER}.weight`]: randomTensor(5, [3, 2, 1, 1]),
      [`${LAYER}.bias`]: randomTensor(6, [3]),
    };
    const dict = await stateDictOf(new Map(Object.entries(tensors)));
    const module = LINEAR.replace('.weight', '');
    const flat = (name: string) => `lora_unet_${name.replaceAll('.', '_')}`;
    const changes = {
      [`unet.${module}.lora_B.weight`]: UP,
      [`unet.${module}.lora_A.weight`]: DOWN,
      [`unet.${module}.lora_B.bias`]: randomTensor(13, [4]),
      [`unet.${module}.alpha`]: number(1),
      [`unet.${module}.scalar`]: number(3),
      [`${flat(NORM)}.w_norm`]: randomTensor(14, [5]),
      [`${flat(NORM)}.b_norm`]: randomTensor(15, [5], 'F16'),
      [`${flat(LAYER)}.diff`]: randomTensor(16, [3, 2, 1, 1]),
      [`${flat(LAYER)}.diff_b`]: randomTensor(17, [3]),
    };
    const use = { lora: await lora(changes), unetWeight: 0.8, textWeight: 1 };
    const merged = withLoras(dict, 'unet', [use]);
    expect(merged.reports).toEqual([{ name: 'x', used: 3, unmatched: [] }]);
    const sum = async (key: string, delta: readonly number[], scale: number) =>
      expectClose(
        await floats(merged.dict, key),
        (await floats(dict, key)).map((w, i) => w + scale * delta[i]),
      );
    const scale = 0.8 * (1 / 2) * 3; // weight, alpha / rank, scalar
    await sum(LINEAR, times(valuesOf(UP), valuesOf(DOWN), 2), scale);
    await sum(LINEAR.replace('weight', 'bias'), valuesOf(changes[`unet.${module}.lora_B.bias`]), scale);
    await sum(`${NORM}.weight`, valuesOf(changes[`${flat(NORM)}.w_norm`]), 0.8);
    const halves = decodeFloats(changes[`${flat(NORM)}.b_norm`].bytes, 'F16');
    await sum(`${NORM}.bias`, Array.from(halves), 0.8);
    await sum(`${LAYER}.weight`, valuesOf(changes[`${flat(LAYER)}.diff`]), 0.8);
    await sum(`${LAYER}.bias`, valuesOf(changes[`${flat(LAYER)}.diff_b`]), 0.8);
  });

  it('fills a first convolution of more channels up with zeros, as A1111 does for inpainting models', async () => {
    const dict = await stateDictOf(new Map([['conv_in.weight', randomTensor(1, [3, 9, 3, 3])]]));
    const [up, down] = [randomTensor(2, [3, 2, 1, 1]), randomTensor(3, [2, 4, 3, 3])];
    const file = await lora({ 'lora_unet_conv_in.lora_up.weight': up, 'lora_unet_conv_in.lora_down.weight': down });
    const merged = withLoras(dict, 'unet', [{ lora: file, unetWeight: 1, textWeight: 1 }]);
    const delta = times(valuesOf(up), valuesOf(down), 2);
    const before = await floats(dict, 'conv_in.weight');
    expectClose(
      await floats(merged.dict, 'conv_in.weight'),
      before.map((w, i) => w + (i % 81 < 36 ? delta[Math.floor(i / 81) * 36 + (i % 81)] : 0)),
    );
  });

  it('leaves a module out that does not fit, with the reason, where others do', async () => {
    const dict = await base();
    const conv = 'lora_unet_down_blocks_0_resnets_0_conv1';
    const file = await lora({
      [`${KOHYA}.lora_up.weight`]: UP,
      [`${KOHYA}.lora_down.weight`]: DOWN,
      [`${conv}.lora_up.weight`]: randomTensor(1, [3, 2, 1, 1]),
      [`${conv}.lora_down.weight`]: randomTensor(2, [2, 5, 3, 3]),
    });
    const merged = withLoras(dict, 'unet', [{ lora: file, unetWeight: 1, textWeight: 1 }]);
    expect(merged.changed).toBe(1);
    const [{ used, unmatched }] = merged.reports;
    expect([used, unmatched.map((one) => spoken(said`${one}`))]).toEqual([
      1,
      [expect.stringMatching(/^down_blocks_0_resnets_0_conv1 \(.*\[2, 5, 3, 3\]/)],
    ]);
  });

  it('refuses one for another family by the width of its text, though other modules fit', async () => {
    const key = LINEAR.replace('attn1.to_out.0', 'attn2.to_k');
    const dict = await stateDictOf(
      new Map([
        [LINEAR, randomTensor(1, [4, 6])],
        [key, randomTensor(2, [4, 8])],
      ]),
    );
    const file = await lora({
      [`${KOHYA}.lora_up.weight`]: UP,
      [`${KOHYA}.lora_down.weight`]: DOWN,
      [`${KOHYA.replace('attn1_to_out_0', 'attn2_to_k')}.lora_up.weight`]: UP,
      [`${KOHYA.replace('attn1_to_out_0', 'attn2_to_k')}.lora_down.weight`]: randomTensor(3, [2, 16]),
    });
    expect(() => withLoras(dict, 'unet', [{ lora: file, unetWeight: 1, textWeight: 1 }])).toThrow(
      /\[2, 16\].*\[4, 8\].*another family/,
    );
  });

  it('knows what diffusers called a text tower’s projections in 2023', async () => {
    const layer = 'text_model.encoder.layers.0.self_attn';
    const parts = ['q', 'k', 'v', 'out'];
    const weights = parts.map((part, i) => [`${layer}.${part}_proj.weight`, randomTensor(i, [4, 6])] as const);
    const factors = parts.flatMap((part) => [
      [`text_encoder.${layer}.to_${part}_lora.up.weight`, UP] as const,
      [`text_encoder.${layer}.to_${part}_lora.down.weight`, DOWN] as const,
    ]);
    const file = await lora(Object.fromEntries(factors));
    const dict = await stateDictOf(new Map(weights));
    const merged = withLoras(dict, 'text_encoder', [{ lora: file, unetWeight: 0, textWeight: 1 }]);
    expect(merged.reports).toEqual([{ name: 'x', used: 4, unmatched: [] }]);
    expect(merged.changed).toBe(4);
  });

  it('names modules that the network lacks, and refuses factors of another size', async () => {
    const dict = await base();
    const stray = await lora({ 'lora_unet_other.lora_up.weight': UP, 'lora_unet_other.lora_down.weight': DOWN });
    expect(withLoras(dict, 'unet', [{ lora: stray, unetWeight: 1, textWeight: 1 }])).toMatchObject({
      changed: 0,
      reports: [{ name: 'x', used: 0, unmatched: ['other'] }],
    });
    const wide = await lora({
      [`${KOHYA}.lora_up.weight`]: UP,
      [`${KOHYA}.lora_down.weight`]: randomTensor(1, [2, 7]),
    });
    expect(() => withLoras(dict, 'unet', [{ lora: wide, unetWeight: 1, textWeight: 1 }])).toThrow(
      /\[2, 7\].*\[4, 6\].*another family/,
    );
  });
});

describe('openLora', () => {
  it.each([
    ['IA3', 'lora_unet_x.on_input', /IA3 \("lora_unet_x.on_input"\).*LoRA, LoHa, LoKr, GLoRA, OFT, BOFT/],
    ['LyCORIS’ first OFT', 'lora_unet_x.oft_diag', /first OFT/],
    ['PEFT’s OFT', 'base_model.model.x.oft_R.weight', /PEFT's OFT/],
    ['VeRA', 'base_model.model.x.vera_lambda_b', /VeRA/],
    // kohya's names, and diffusers'.
    ['one for Flux', 'lora_unet_double_blocks_0_img_attn_proj.lora_down.weight', /LoRA for a transformer model/],
    [
      'one for Flux in diffusers',
      'transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight',
      /for a transformer/,
    ],
    ['a checkpoint', 'model.diffusion_model.out.2.weight', /not a LoRA.*out\.2/],
  ])('refuses %s by name', async (_, key, message) => {
    const error = await failure(lora({ [key]: UP }));
    expect(error.code).toBe('unsupported');
    expect(error.message).toMatch(message);
  });

  it('names a module that lacks a factor', async () => {
    expect((await failure(lora({ [`${KOHYA}.lora_up.weight`]: UP }))).message).toMatch(
      /attn1_to_out_0" lacks its down/,
    );
  });
});

describe('a LoRA file with more than LoRA in it', () => {
  const whole = { [`${KOHYA}.lora_up.weight`]: UP, [`${KOHYA}.lora_down.weight`]: DOWN };

  it('is opened; what Easel does not know is named', async () => {
    const file = await lora({
      ...whole,
      [`${KOHYA}.bias_indices`]: number(0),
      'lora_unet_a.on_input': UP,
      'lora_unet_a.alpha': number(1),
      'lora_unet_b.lora_up.weight': UP,
      something_else: number(0),
    });
    expect([...file.modules.unet.keys()]).toEqual([KOHYA.replace('lora_unet_', '')]);
    expect(file.unused.map((one) => spoken(said`${one}`))).toEqual([
      'lora_unet_a (IA3)',
      `${KOHYA}.bias_indices`,
      'something_else',
      'b (it lacks its down factor)',
    ]);
  });

  it('brings the embeddings that OneTrainer packs', async () => {
    const file = await lora({
      ...whole,
      'bundle_emb.moss.string_to_param.*': randomTensor(3, [2, 8]),
      'bundle_emb.fern.clip_g': randomTensor(4, [3, 9]),
      'bundle_emb.fern.clip_l': randomTensor(5, [3, 8]),
      'bundle_emb.odd.string_to_param.*': randomTensor(6, [2, 2, 2]),
    });
    expect(file.embeddings.map(({ word, vectors, keys }) => [word, vectors, keys])).toEqual([
      ['moss', 2, ['bundle_emb.moss.string_to_param.*']],
      ['fern', 3, ['bundle_emb.fern.clip_l', 'bundle_emb.fern.clip_g']],
    ]);
    expect(file.unused).toEqual(['bundle_emb.odd.string_to_param.*']);
  });
});

describe('diffusersUnetModule', () => {
  // Names of kohya's SDXL LoRAs, and of the same modules in diffusers' UNet.
  it.each([
    ['input_blocks_4_1_proj_in', 'down_blocks_1_attentions_0_proj_in'],
    [
      'input_blocks_8_1_transformer_blocks_9_ff_net_0_proj',
      'down_blocks_2_attentions_1_transformer_blocks_9_ff_net_0_proj',
    ],
    [
      'middle_block_1_transformer_blocks_0_attn1_to_out_0',
      'mid_block_attentions_0_transformer_blocks_0_attn1_to_out_0',
    ],
    ['output_blocks_2_1_proj_out', 'up_blocks_0_attentions_2_proj_out'],
    ['output_blocks_2_2_conv', 'up_blocks_0_upsamplers_0_conv'],
    ['output_blocks_5_0_skip_connection', 'up_blocks_1_resnets_2_conv_shortcut'],
    ['input_blocks_1_0_in_layers_2', 'down_blocks_0_resnets_0_conv1'],
    ['input_blocks_1_0_emb_layers_1', 'down_blocks_0_resnets_0_time_emb_proj'],
    ['input_blocks_3_0_op', 'down_blocks_0_downsamplers_0_conv'],
    ['middle_block_2_out_layers_3', 'mid_block_resnets_1_conv2'],
    ['time_embed_0', 'time_embedding_linear_1'],
    ['label_emb_0_2', 'add_embedding_linear_2'],
    ['input_blocks_0_0', 'conv_in'],
    ['out_2', 'conv_out'],
    ['down_blocks_0_attentions_0_proj_in', 'down_blocks_0_attentions_0_proj_in'],
  ])('%s is %s', (theirs, ours) => expect(diffusersUnetModule(theirs)).toBe(ours));
});
