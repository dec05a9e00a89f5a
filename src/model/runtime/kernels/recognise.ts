import { type Activation, convolution } from './convolution';
import { FINGERPRINTS, type Program } from './fingerprints';
import { flashAttention, HEAD } from './flash-attention';
import { groupNormStatistics } from './group-norm';
import { type Addend, matrixProduct } from './matrix-product';
import type { Product } from './tiled-product';

/** A kernel of ours that may stand in a shader's place. */
export type Replacement =
  | {
      kind: 'product';
      program: Program;
      product: Product;
      /**
       * Rows and columns of the result that one of onnxruntime's workgroups computes: what its dispatch says of the
       * size.
       */
      rowsPerGroup: number;
      columnsPerGroup: number;
    }
  | { kind: 'whole'; program: Program; code: string };

/**
 * What became of a shader: ours in its place, one that we would replace but whose text is another, or none of our
 * business.
 */
export type Recognition = { replacement: Replacement } | { unknown: Program } | undefined;

/**
 * Recognises a shader by its whole text. onnxruntime writes a program's shader from sections (a function, the bindings,
 * the main loop); which of a section's forms it takes depends on sizes and options. Each section must be one of the
 * forms that were read when the kernel was written, to the character: only then are bindings, uniforms and meaning
 * known.
 * @param limits of the device: a kernel that needs more is not used.
 */
export function recognise(code: string, limits: KernelLimits): Recognition {
  const text = canonical(code);
  const program = programOf(text);
  if (!program) return undefined;
  const sections = sectionsOf(text);
  const known = FINGERPRINTS[program];
  if (!sections.every((section) => known.has(fingerprint(section)))) return { unknown: program };
  return { replacement: replacementOf(program, code, text, sections[0], limits) };
}

export type KernelLimits = Pick<
  GPUSupportedLimits,
  'maxComputeInvocationsPerWorkgroup' | 'maxComputeWorkgroupStorageSize'
>;

/**
 * By what only this program binds; onnxruntime's labels are for people. Scalar forms, for odd channels, products of two
 * stacks of matrices, and attention with a bias or heads of another size than ours is for are left alone.
 */
function programOf(text: string): Program | undefined {
  const binds = (name: string) => text.includes(`var<storage, read> ${name}: array<vec4<f32>>;`);
  if (text.includes('fn mm_readA(')) {
    if (binds('x') && binds('w')) return 'Conv2dMM';
    if (binds('a') && binds('b') && text.includes('alias b_indices_t = vec2<u32>;'))
      return text.includes('beta: f32') ? 'Gemm' : 'MatMul';
  }
  if (binds('q') && binds('present_key') && text.includes(`head_size : u32 = ${HEAD};`) && !text.includes('_bias:'))
    return 'FlashAttention';
  if (text.includes('var<workgroup> workgroup_shared_squared_sum')) return 'GroupNormStats';
  return undefined;
}

function replacementOf(
  program: Program,
  code: string,
  text: string,
  preamble: string,
  { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupStorageSize }: KernelLimits,
): Replacement {
  const half = isHalf(code);
  const declarations = declarationsOf(code);
  if (program === 'GroupNormStats') {
    const threads = Math.min(1024, maxComputeInvocationsPerWorkgroup);
    return { kind: 'whole', program, code: groupNormStatistics(declarations, half, threads) };
  }
  if (program === 'FlashAttention') {
    const ours = flashAttention(declarations, half, headsOf(code), maxComputeWorkgroupStorageSize);
    return { kind: 'whole', program, code: ours };
  }
  const hasBias = preamble.includes('> bias: array<');
  const rank = preamble.includes('output_shape: vec3<u32>') ? 3 : 2;
  const addend: Addend = program === 'Gemm' ? 'beta-c' : hasBias ? 'bias' : 'none';
  return {
    kind: 'product',
    program,
    product:
      program === 'Conv2dMM'
        ? convolution(declarations, half, hasBias, activationOf(text))
        : matrixProduct(declarations, half, rank, addend),
    rowsPerGroup: text.includes('const rowPerThread = 1;') ? 8 : 32,
    columnsPerGroup: 32,
  };
}

function activationOf(text: string): Activation {
  if (text.includes('value = select(x_element_t(uniforms.activation_param_0) * value')) return 'leaky-relu';
  return text.includes('value = max(value, vec4<x_element_t>') ? 'relu' : 'none';
}

/** Whether a shader's tensors are float16. */
export const isHalf = (code: string): boolean => /array<vec[24]<f16>>/.test(code);

/** How many heads an attention's queries have. */
export const headsOf = (code: string): number => Number(/const num_heads : u32 = (\d+);/.exec(code)?.[1]);

/** Bindings and uniforms, as they stand in the shader. */
function declarationsOf(code: string): string {
  const end = code.indexOf('uniforms: Uniforms;') + 'uniforms: Uniforms;'.length;
  return code.slice(code.indexOf('@group(0)'), end);
}

const EXTENSION =
  /^enable (f16|subgroups|chromium_experimental_subgroup_matrix);$|^diagnostic \(off, chromium\.subgroup_matrix_uniformity\);$|^ *@builtin\(subgroup_(invocation_id|size)\) \w+ : u32,$/;

/**
 * A text without what differs by device alone: the precision, and extensions that these programs declare and never use;
 * and without the number of heads, which we read.
 */
function canonical(code: string): string {
  return code
    .split('\n')
    .filter((line) => !EXTENSION.test(line))
    .join('\n')
    .replaceAll('f16', 'f32')
    .replace(/const num_heads : u32 = \d+;/, 'const num_heads : u32 = 1;');
}

/** Functions, workgroup variables with the constants behind them, and before all of these bindings and aliases. */
export const sectionsOf = (text: string): string[] => text.split(/(?=\bfn |\bvar<workgroup>|@compute)/);

/** FNV-1a of 64 bits (Fowler, Noll and Vo), in two words of 32; in hex. */
export function fingerprint(section: string): string {
  let [high, low] = [0xcbf29ce4, 0x84222325];
  for (let i = 0; i < section.length; i++) {
    low ^= section.charCodeAt(i);
    // Times the prime 2^40 + 0x1b3, in pieces that a double holds exactly.
    const product = (low >>> 0) * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) | 0;
    low = product | 0;
  }
  return [high, low].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

/** For whoever adds a form to fingerprints.ts after reading it: the sections of a shader that are not known yet. */
export function unknownSections(code: string): { fingerprint: string; section: string }[] {
  const text = canonical(code);
  const program = programOf(text);
  if (!program) return [];
  return sectionsOf(text)
    .map((section) => ({ fingerprint: fingerprint(section), section }))
    .filter((entry) => !FINGERPRINTS[program].has(entry.fingerprint));
}
