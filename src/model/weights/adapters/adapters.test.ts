import { describe, expect, it } from 'vitest';
import { said, spoken } from '../../../core/errors';
import { ADAPTER_METHODS } from '../../fixtures/adapter-methods';
import { same } from '../../fixtures/checkpoints';
import { type RawTensor, randomTensor, safetensorsFile, stateDictOf } from '../../fixtures/random-model';
import { decodeFloats } from '../dtypes';
import { type Lora, openLora } from '../lora';
import { withLoras } from '../lora-merge';
import { memoryFiles } from '../memory-files';
import type { StateDict } from '../state-dict';

const RANK = 3;
const LAYERS = { linear: [16, 12], convolution: [16, 12, 3, 3] } as const;
const KEY = 'mid_block.resnets.0.conv1.weight';
const MODULE = 'lora_unet_mid_block_resnets_0_conv1';

const open = (tensors: Record<string, RawTensor>, metadata?: Record<string, string>): Promise<Lora> =>
  openLora(
    memoryFiles('m', { 'x.safetensors': safetensorsFile(new Map(Object.entries(tensors)), metadata) }),
    'x.safetensors',
  );

const numberOf = (value: number): RawTensor => ({
  dtype: 'F32',
  shape: [],
  bytes: new Uint8Array(Float32Array.of(value).buffer),
});

/** alpha / rank; OFT's constraint is far beyond its norm. */
const ALPHA = 2;

function moduleOf(method: string, layer: readonly number[], seed = 7): Record<string, RawTensor> {
  const shapes = Object.entries(ADAPTER_METHODS[method](layer, RANK));
  return Object.fromEntries(
    shapes.map(([end, shape], i) => [
      `${MODULE}.${end}`,
      end === 'alpha' ? numberOf(ALPHA) : randomTensor(seed + i, shape),
    ]),
  );
}

const merged = (dict: StateDict, uses: readonly (readonly [lora: Lora, weight: number])[]) =>
  withLoras(
    dict,
    'unet',
    uses.map(([lora, unetWeight]) => ({ lora, unetWeight, textWeight: 1 })),
  );
const floats = async (dict: StateDict) => decodeFloats(await dict.read(KEY), 'F32');
const baseOf = (layer: readonly number[]) => stateDictOf(new Map([[KEY, randomTensor(1, layer)]]));

/** An element [o, i, p] of a weight, and of tensors by the ends of their keys. */
type Element = (o: number, i: number, p: number) => number;
type Tensor = (end: string, ...at: number[]) => number;

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
const sum = (count: number, term: (i: number) => number) => upTo(count).reduce((total, i) => total + term(i), 0);

/** What each method adds to W [o, i, p], by its definition. */
const DELTAS: Record<string, (t: Tensor, w: Element, pixels: number) => Element> = {
  LoRA: (t) => (o, i, p) =>
    (ALPHA / RANK) * sum(RANK, (r) => t('lora_up.weight', o, r) * t('lora_down.weight', r, i, p)),
  'LoCon with a kernel in its middle': (t) => (o, i, p) =>
    (ALPHA / RANK) *
    sum(RANK, (a) =>
      sum(RANK, (b) => t('lora_up.weight', o, a) * t('lora_mid.weight', a, b, p) * t('lora_down.weight', b, i)),
    ),
  LoHa: (t, _, pixels) => (o, i, p) =>
    (ALPHA / RANK) *
    sum(RANK, (r) => t('hada_w1_a', o, r) * t('hada_w1_b', r, i * pixels + p)) *
    sum(RANK, (r) => t('hada_w2_a', o, r) * t('hada_w2_b', r, i * pixels + p)),
  'LoHa with kernels in its middle': (t) => (o, i, p) =>
    (ALPHA / RANK) *
    ['1', '2']
      .map((n) =>
        sum(RANK, (a) =>
          sum(RANK, (b) => t(`hada_t${n}`, a, b, p) * t(`hada_w${n}_a`, a, o) * t(`hada_w${n}_b`, b, i)),
        ),
      )
      .reduce((one, other) => one * other),
  // 16 = 4 x 4 outputs, 12 = 4 x 3 inputs.
  LoKr: (t, _, pixels) => (o, i, p) =>
    (ALPHA / RANK) *
    t('lokr_w1', o >> 2, Math.floor(i / 3)) *
    sum(RANK, (r) => t('lokr_w2_a', o & 3, r) * t('lokr_w2_b', r, (i % 3) * pixels + p)),
  'LoKr with both sides decomposed': (t, _, pixels) => (o, i, p) =>
    (ALPHA / RANK) *
    sum(RANK, (r) => t('lokr_w1_a', o >> 2, r) * t('lokr_w1_b', r, Math.floor(i / 3))) *
    sum(RANK, (r) => t('lokr_w2_a', o & 3, r) * t('lokr_w2_b', r, (i % 3) * pixels + p)),
  'LoKr with a kernel in its middle': (t) => (o, i, p) =>
    (ALPHA / RANK) *
    t('lokr_w1', o >> 2, Math.floor(i / 3)) *
    sum(RANK, (a) => sum(RANK, (b) => t('lokr_t2', a, b, p) * t('lokr_w2_a', a, o & 3) * t('lokr_w2_b', b, i % 3))),
  'LoKr of full matrices': (t) => (o, i, p) => t('lokr_w1', o >> 2, Math.floor(i / 3)) * t('lokr_w2', o & 3, i % 3, p),
  GLoRA: (t, w) => (o, i, p) =>
    (ALPHA / RANK) *
    sum(
      RANK,
      (r) =>
        sum(12, (j) => w(o, j, p) * t('a1.weight', j, r)) * t('a2.weight', r, i) +
        t('b1.weight', o, r) * t('b2.weight', r, i, p),
    ),
  'full difference': (t) => (o, i, p) => t('diff', o, i, p),
};

/** Reads tensors by their axes; a kernel is one axis. */
function reader(tensors: Record<string, RawTensor>): Tensor {
  return (end, ...at) => {
    const { shape, bytes } = tensors[`${MODULE}.${end}`];
    const axes = shape.length > 2 ? [shape[0], shape[1], shape.slice(2).reduce((a, b) => a * b, 1)] : shape;
    const index = axes.reduce((place, side, axis) => place * side + (at[axis] ?? 0), 0);
    return decodeFloats(bytes, 'F32')[index];
  };
}

function elementOf(values: Float32Array, [, inputs, ...kernel]: readonly number[]): Element {
  const pixels = kernel.reduce((a, b) => a * b, 1);
  return (o, i, p) => values[(o * inputs + i) * pixels + p];
}

const CASES = Object.keys(DELTAS).flatMap((method) =>
  Object.entries(LAYERS)
    .filter(([kind]) => kind === 'convolution' || !method.includes('kernel'))
    .map(([kind, layer]) => [method, kind, layer] as const),
);

describe('every method', () => {
  it.each(CASES)('%s adds to a %s what its definition says, times its weight', async (method, _, layer) => {
    const [tensors, base] = [moduleOf(method, layer), await baseOf(layer)];
    const w = elementOf(await floats(base), layer);
    const pixels = layer.slice(2).reduce((a, b) => a * b, 1);
    const delta = DELTAS[method](reader(tensors), w, pixels);
    for (const weight of [1, -0.6]) {
      const { dict, reports } = merged(base, [[await open(tensors), weight]]);
      expect(reports).toEqual([{ name: 'x', used: 1, unmatched: [] }]);
      const got = elementOf(await floats(dict), layer);
      for (const [o, i, p] of [
        [0, 0, 0],
        [15, 11, pixels - 1],
        [6, 5, pixels >> 1],
      ]) {
        expect(got(o, i, p)).toBeCloseTo(w(o, i, p) + weight * delta(o, i, p), 6);
      }
    }
  });

  it.each(Object.keys(ADAPTER_METHODS))(
    '%s gives the same bytes back at weight 0 and when it is taken off',
    async (method) => {
      const base = await baseOf(LAYERS.convolution);
      const before = (await base.read(KEY)).slice();
      const file = await open(moduleOf(method, LAYERS.convolution));
      expect(same(await merged(base, [[file, 0.8]]).dict.read(KEY), before)).toBe(false);
      expect(same(await merged(base, [[file, 0]]).dict.read(KEY), before)).toBe(true);
      expect(same(await merged(base, []).dict.read(KEY), before)).toBe(true);
    },
  );

  it('commutes with another where both add', async () => {
    const base = await baseOf(LAYERS.convolution);
    const methods = Object.keys(DELTAS).filter((method) => method !== 'GLoRA');
    const files = await Promise.all(
      methods.map(async (method, i) => open(moduleOf(method, LAYERS.convolution, 100 * i))),
    );
    for (const [i, one] of files.entries()) {
      const other = files[(i + 1) % files.length];
      const there = await floats(
        merged(base, [
          [one, 0.7],
          [other, -0.4],
        ]).dict,
      );
      const back = await floats(
        merged(base, [
          [other, -0.4],
          [one, 0.7],
        ]).dict,
      );
      for (const [at, value] of there.entries()) expect(back[at]).toBeCloseTo(value, 6);
    }
  });
});

describe('DoRA', () => {
  it.each([
    ['outputs', 'DoRA over outputs', (o: number) => o],
    ['inputs', 'DoRA over inputs', (_: number, i: number) => i],
  ] as const)('gives %s their magnitudes; its weight mixes the factor with 1', async (_, method, axis) => {
    const layer = LAYERS.convolution;
    const [tensors, base] = [moduleOf(method, layer), await baseOf(layer)];
    const [t, w] = [reader(tensors), elementOf(await floats(base), layer)];
    const changed: Element = (o, i, p) =>
      w(o, i, p) + sum(RANK, (r) => t('lora_up.weight', o, r) * t('lora_down.weight', r, i, p));
    const everywhere = upTo(16).flatMap((o) =>
      upTo(12).flatMap((i) => upTo(9).map((p): [number, number, number] => [o, i, p])),
    );
    for (const weight of [1, 0.6]) {
      const got = elementOf(await floats(merged(base, [[await open(tensors), weight]]).dict), layer);
      const places: [number, number, number][] = [
        [0, 0, 0],
        [15, 11, 8],
        [6, 5, 4],
      ];
      for (const at of places) {
        const mine = axis(at[0], at[1]);
        const norm = Math.sqrt(
          everywhere
            .filter(([o, i]) => axis(o, i) === mine)
            .reduce((total, place) => total + changed(...place) ** 2, 0),
        );
        const magnitude = method === 'DoRA over outputs' ? t('dora_scale', mine, 0) : t('dora_scale', 0, mine);
        expect(got(...at)).toBeCloseTo(changed(...at) * (weight * (magnitude / norm - 1) + 1), 6);
      }
    }
  });

  it('in PEFT’s form scales the product by its weight, and keeps the magnitudes', async () => {
    const layer = LAYERS.linear;
    const { [`${MODULE}.dora_scale`]: magnitude, ...rest } = moduleOf('DoRA over outputs', layer);
    const factor = (end: string) => rest[`${MODULE}.lora_${end}.weight`];
    const name = `unet.${KEY.replace('.weight', '')}`;
    const peft = {
      [`${name}.lora_A.weight`]: factor('down'),
      [`${name}.lora_B.weight`]: factor('up'),
      [`${name}.lora_magnitude_vector`]: { ...magnitude, shape: [16] },
    };
    const metadata = { lora_adapter_metadata: JSON.stringify({ 'unet.lora_alpha': 2 * RANK, 'unet.use_dora': true }) };
    const base = await baseOf(layer);
    const got = elementOf(await floats(merged(base, [[await open(peft, metadata), 0.6]]).dict), layer);
    const norm = (o: number) => Math.sqrt(sum(12, (i) => got(o, i, 0) ** 2));
    const magnitudes = decodeFloats(magnitude.bytes, 'F32');
    for (const o of upTo(16)) expect(norm(o)).toBeCloseTo(Math.abs(magnitudes[o]), 5);
    const [t, w] = [reader(rest), elementOf(await floats(base), layer)];
    const changed = (i: number) =>
      w(3, i, 0) + 0.6 * 2 * sum(RANK, (r) => t('lora_up.weight', 3, r) * t('lora_down.weight', r, i));
    expect(got(3, 5, 0) / got(3, 1, 0)).toBeCloseTo(changed(5) / changed(1), 4);
  });
});

describe('scales', () => {
  it.each([
    ['PEFT’s alpha', { lora_alpha: 6 }, 2],
    ['rank-stabilised', { lora_alpha: 6, use_rslora: true }, 6 / Math.sqrt(RANK)],
    ['one network’s', { 'unet.lora_alpha': 6, 'text_encoder.lora_alpha': 1 }, 2],
    ['a module’s own', { lora_alpha: 1, alpha_pattern: { 'resnets.0.conv1': 6 } }, 2],
    ['nothing said', {}, 1],
  ])('are read off the header: %s', async (_, config, scale) => {
    const layer = LAYERS.linear;
    const { [`${MODULE}.alpha`]: __, ...tensors } = moduleOf('LoRA', layer);
    const file = await open(
      Object.fromEntries(
        Object.entries(tensors).map(([key, tensor]) => [key.replace(MODULE, `unet.${KEY.slice(0, -7)}`), tensor]),
      ),
      { lora_adapter_metadata: JSON.stringify(config) },
    );
    const base = await baseOf(layer);
    const [t, w] = [reader(tensors), elementOf(await floats(base), layer)];
    const got = elementOf(await floats(merged(base, [[file, 1]]).dict), layer);
    const product = sum(RANK, (r) => t('lora_up.weight', 9, r) * t('lora_down.weight', r, 4));
    expect(got(9, 4, 0)).toBeCloseTo(w(9, 4, 0) + scale * product, 6);
  });
});

describe('OFT and BOFT', () => {
  /** Blocks of 2, each with what turns its two outputs. */
  const blocks = (shape: readonly number[], tangents: readonly number[]): RawTensor => {
    const values = Float32Array.from(tangents.flatMap((q) => [0, q, 0, 0]));
    return { dtype: 'F32', shape, bytes: new Uint8Array(values.buffer) };
  };
  const angle = (q: number) => 2 * Math.atan(q);

  it('turn pairs of outputs by twice the arc tangent, one way each', async () => {
    const base = await stateDictOf(new Map([[KEY, randomTensor(1, [4, 3])]]));
    const w = elementOf(await floats(base), [4, 3]);
    const oft = await open({ [`${MODULE}.oft_blocks`]: blocks([2, 2, 2], [0.3, -0.8]) });
    const [cos, sin] = [Math.cos(angle(0.3)), Math.sin(angle(0.3))];
    const turned = elementOf(await floats(merged(base, [[oft, 1]]).dict), [4, 3]);
    // R = [[cos, sin], [-sin, cos]] of the first block, and OFT has R^T W.
    expect(turned(0, 1, 0)).toBeCloseTo(cos * w(0, 1, 0) - sin * w(1, 1, 0), 6);
    expect(turned(1, 1, 0)).toBeCloseTo(sin * w(0, 1, 0) + cos * w(1, 1, 0), 6);
    const half = elementOf(await floats(merged(base, [[oft, 0.5]]).dict), [4, 3]);
    expect(half(0, 1, 0)).toBeCloseTo(0.5 * (turned(0, 1, 0) + w(0, 1, 0)), 6);

    // The second stage's pairs are two outputs apart.
    const boft = await open({ [`${MODULE}.oft_blocks`]: blocks([2, 2, 2, 2], [0, 0, 0.3, 0]) });
    const butterfly = elementOf(await floats(merged(base, [[boft, 1]]).dict), [4, 3]);
    expect(butterfly(0, 2, 0)).toBeCloseTo(cos * w(0, 2, 0) + sin * w(2, 2, 0), 6);
    expect(butterfly(2, 2, 0)).toBeCloseTo(-sin * w(0, 2, 0) + cos * w(2, 2, 0), 6);
    expect(butterfly(1, 2, 0)).toBeCloseTo(w(1, 2, 0), 6);
  });

  it.each(['OFT', 'BOFT'])(
    '%s keeps the norm of what it turns; a constraint makes the turn smaller',
    async (method) => {
      const layer = LAYERS.convolution;
      const base = await baseOf(layer);
      const norms = async (dict: StateDict) => {
        const values = await floats(dict);
        return upTo(108).map((column) => Math.sqrt(sum(16, (o) => values[o * 108 + column] ** 2)));
      };
      const tensors = moduleOf(method, layer);
      const before = await norms(base);
      for (const [i, norm] of (await norms(merged(base, [[await open(tensors), 1]]).dict)).entries())
        expect(norm).toBeCloseTo(before[i], 5);
      const far = async (constraint: number) => {
        const file = await open({ ...tensors, [`${MODULE}.alpha`]: numberOf(constraint) });
        const [own, changed] = [await floats(base), await floats(merged(base, [[file, 1]]).dict)];
        return Math.sqrt(own.reduce((total, value, i) => total + (changed[i] - value) ** 2, 0));
      };
      // For small turns R - I is 2 Q, and so in proportion to the constraint.
      expect((await far(1e-4)) / (await far(5e-5))).toBeCloseTo(2, 2);
      expect(await far(0)).toBeGreaterThan(await far(1e-2));
    },
  );

  it('multiplies outputs where training rescaled them', async () => {
    const layer = LAYERS.linear;
    const [base, tensors] = [await baseOf(layer), moduleOf('OFT, rescaled', layer)];
    const { [`${MODULE}.rescale`]: rescale, ...plain } = tensors;
    const [with_, without] = await Promise.all(
      [tensors, plain].map(async (some) =>
        elementOf(await floats(merged(base, [[await open(some), 0.6]]).dict), layer),
      ),
    );
    expect(with_(5, 3, 0)).toBeCloseTo(decodeFloats(rescale.bytes, 'F32')[5] * without(5, 3, 0), 6);
  });
});

describe('what does not fit', () => {
  const other = { 'lora_unet_a.diff': randomTensor(1, [2, 2]) };
  const both = async (tensors: Record<string, RawTensor>) => {
    const dict = await stateDictOf(
      new Map([
        [KEY, randomTensor(1, [16, 12])],
        ['a.weight', randomTensor(2, [2, 2])],
      ]),
    );
    const file = await open({ ...tensors, ...other });
    const reports = merged(dict, [[file, 1]]).reports.flatMap(({ unmatched }) => unmatched);
    return [...file.unused, ...reports].map((one) => spoken(said`${one}`));
  };
  const broken = (method: string, end: string, shape: readonly number[] | undefined) => {
    const { [`${MODULE}.${end}`]: _, ...rest } = moduleOf(method, LAYERS.linear);
    return shape ? { ...rest, [`${MODULE}.${end}`]: randomTensor(1, shape) } : rest;
  };

  it.each([
    [
      'LoRA',
      'lora_up.weight',
      [16, 4],
      /lora_up.weight" has shape \[16, 4\], but ".*lora_down.weight" has \[3, 12\]: their ranks/,
    ],
    ['LoRA', 'lora_down.weight', [3, 11], /lora_down.weight" has shape \[3, 11\], but "mid_block.*" has \[16, 12\]/],
    ['LoHa', 'hada_w2_a', [16, 4], /hada_w2_a.*hada_w2_b.*their ranks/],
    ['LoHa', 'hada_w1_b', undefined, /lacks its hada_w1_b/],
    ['LoKr', 'lokr_w2_a', [4, 9], /lokr_w2_a.*lokr_w2_b.*their ranks/],
    ['LoKr', 'lokr_w1', undefined, /lacks its lokr_w1 /],
    ['LoKr', 'lokr_w1', [4, 5], /lokr_w2_b/],
    ['GLoRA', 'a1.weight', [12, 4], /a1.weight.*a2.weight.*their ranks/],
    ['GLoRA', 'b2.weight', undefined, /lacks its b2/],
    ['OFT', 'oft_blocks', [4, 4, 3], /oft_blocks" has shape \[4, 4, 3\]/],
    ['OFT, rescaled', 'rescale', [15, 1], /rescale/],
    ['BOFT', 'oft_blocks', [6, 8, 2, 2], /oft_blocks" has shape \[6, 8, 2, 2\]/],
    ['DoRA over outputs', 'dora_scale', [15, 1], /dora_scale/],
    ['full difference', 'diff', [16, 11], /diff" has shape/],
  ] as const)('%s: %s of %s is named, and the rest is used', async (method, end, shape, reason) => {
    expect(await both(broken(method, end, shape))).toEqual([expect.stringMatching(reason)]);
  });
});
