import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { said } from '../../../core/errors';
import { fakeGpu } from '../../fixtures/fake-gpu';
import { installKernels } from './own-kernels';
import { fingerprint, recognise, sectionsOf } from './recognise';

const known = vi.hoisted(() => ({
  Conv2dMM: new Set<string>(),
  MatMul: new Set<string>(),
  Gemm: new Set<string>(),
  FlashAttention: new Set<string>(),
  GroupNormStats: new Set<string>(),
}));
// The texts that are known stand in for onnxruntime's own, of which no copy lies here.
vi.mock('./fingerprints', () => ({ FINGERPRINTS: known }));

const CONVOLUTION = `@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> result: array<vec4<f32>>;
struct Uniforms {
  x_shape: vec4<u32>,
  w_shape: vec4<u32>,
  result_shape: vec4<u32>,
  dim_inner: u32,
  pads: vec4<u32>,
  strides: vec2<u32>,
  dilations: vec2<u32>
};
@group(0) @binding(3) var<uniform> uniforms: Uniforms;
fn mm_readA(row: u32, column: u32) -> vec4<f32> { return x[row * uniforms.x_shape[3] + column]; }
fn mm_readB(row: u32, column: u32) -> vec4<f32> { return w[row * uniforms.w_shape[3] + column]; }
var<workgroup> mm_Asub: array<vec4<f32>, 64>;
const rowPerThread = 4;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) { result[id.x] = mm_readA(id.x, 0) * mm_readB(0, id.x); }
`;

const STATISTICS = `@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> result: array<vec2<f32>>;
struct Uniforms { hw: u32, c_comp: u32, cg_comp: u32, groups: u32, epsilon: f32 };
@group(0) @binding(2) var<uniform> uniforms: Uniforms;
var<workgroup> workgroup_shared_sum: array<f32, 64>;
var<workgroup> workgroup_shared_squared_sum: array<f32, 64>;
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) id: vec3<u32>) { result[id.x] = vec2<f32>(0); }
`;

/** One character is another; at the end of the text, where nothing else would notice. */
const CHANGED = CONVOLUTION.replace('mm_readA(id.x, 0)', 'mm_readA(id.x, 1)');

const LIMITS = { maxComputeInvocationsPerWorkgroup: 256, maxComputeWorkgroupStorageSize: 16_384 };

beforeAll(() => {
  for (const section of sectionsOf(CONVOLUTION)) known.Conv2dMM.add(fingerprint(section));
  for (const section of sectionsOf(STATISTICS)) known.GroupNormStats.add(fingerprint(section));
});
afterAll(() => vi.unstubAllGlobals());

describe('recognition', () => {
  it.each([
    ['Conv2dMM', CONVOLUTION],
    ['GroupNormStats', STATISTICS],
  ])(
    'of %s ends with one character that is another, is missing or is one too many, wherever it is',
    (program, text) => {
      expect(recognise(text, LIMITS)).toMatchObject({ replacement: { program } });
      const changed = [...text].flatMap((character, i) => {
        const [before, after] = [text.slice(0, i), text.slice(i + 1)];
        return [`${before}~${after}`, before + after, `${before}~${character}${after}`];
      });
      const replaced = changed.filter((other) => 'replacement' in (recognise(other, LIMITS) ?? {}));
      expect(replaced).toEqual([]);
    },
  );
});

/** Makes a pipeline for each text as onnxruntime does and dispatches it on 16 x 5 x 2 workgroups. */
async function runOnOwnKernels(...texts: string[]) {
  const { device, pipelines, dispatches } = fakeGpu();
  const use = installKernels(device, 640);
  const descriptors = texts.map((code): GPUComputePipelineDescriptor => {
    return { layout: 'auto', compute: { module: device.createShaderModule({ code }), entryPoint: 'main' } };
  });
  const made: GPUComputePipeline[] = [];
  for (const descriptor of descriptors) made.push(await device.createComputePipelineAsync(descriptor));
  const pass = device.createCommandEncoder().beginComputePass();
  dispatches.length = 0; // those of the self-test
  for (const pipeline of made) {
    pass.setPipeline(pipeline);
    pass.dispatchWorkgroups(16, 5, 2);
  }
  const ran = dispatches.map(({ pipeline, workgroups }, i) => {
    const { descriptor } = pipelines.find((entry) => entry.pipeline === pipeline)!;
    return { own: descriptor !== descriptors[i], label: descriptor.label, workgroups };
  });
  return { use, ran };
}

describe('kernels in the place of others', () => {
  it('run where a text is known, with as many workgroups as their tiles want', async () => {
    const { use, ran } = await runOnOwnKernels(CONVOLUTION, STATISTICS);
    expect(use).toEqual({ replaced: { Conv2dMM: 1, GroupNormStats: 1 }, notes: [] });
    // 320 rows of 512 columns.
    expect(ran).toEqual([
      { own: true, label: 'Conv2dMM 16x32/4', workgroups: [320] },
      { own: true, label: 'GroupNormStats', workgroups: [16, 5, 2] },
    ]);
  });

  it('leave a text that has one other character to its own kernel and dispatch, and say so', async () => {
    expect(CHANGED).toHaveLength(CONVOLUTION.length);
    const { use, ran } = await runOnOwnKernels(CHANGED, STATISTICS);
    expect(use).toEqual({
      replaced: { GroupNormStats: 1 },
      notes: [said`${said`${'Conv2dMM'} has a form that is not known here`}; onnxruntime's own kernel runs there.`],
    });
    expect(ran).toEqual([
      { own: false, label: undefined, workgroups: [16, 5, 2] },
      { own: true, label: 'GroupNormStats', workgroups: [16, 5, 2] },
    ]);
  });
});
