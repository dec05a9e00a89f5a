import { type Said, said, spoken } from '../../../core/errors';
import type { Program } from './fingerprints';
import { recognise } from './recognise';
import { type ReplacedShader, selfTest } from './self-test';
import { sourceOf } from './tiled-product';
import { chooseTiling, type Tiling, tileCount, tilingsFor } from './tiling';

/** What a device's shaders run with. */
export interface KernelUse {
  /** Shaders that ours stand in for, by program. */
  replaced: Partial<Record<Program, number>>;
  /**
   * For the device report: what stays with onnxruntime's own kernel though ours should stand there, and why.
   */
  notes: Said[];
}

/** A pipeline whose dispatches are changed: for each tiling one. */
interface TiledPipelines {
  tilings: readonly Tiling[];
  pipelines: ReadonlyMap<Tiling, GPUComputePipeline>;
  rowsPerGroup: number;
  columnsPerGroup: number;
}

/** More workgroups than WebGPU allows in a row of them; each then walks over several tiles. */
const MAX_WORKGROUPS = 65_535;

/**
 * Puts our kernels in the place of onnxruntime's on this device, which is to be given to onnxruntime afterwards. Its
 * shaders come by as text: those that `recognise` knows to the character are replaced when their pipeline is made, once
 * `selfTest` has seen that ours gives the same numbers on this very device; all others pass untouched.
 *
 * Bindings and uniforms stay as they are. The number of workgroups does not: ours compute larger or smaller tiles. A
 * dispatch tells the size of the result, which decides on the tiling; were that guess wrong, workgroups walk over
 * tiles, so the result would still be whole.
 * @param enough tiles that keep the card busy (`tuning.ts`)
 * @param onSeen hears of every program that comes by, replaced or not
 */
export function installKernels(
  device: GPUDevice,
  enough: number,
  onSeen: (program: Program) => void = () => undefined,
): KernelUse {
  const use: KernelUse = { replaced: {}, notes: [] };
  const tiled = new WeakMap<GPUComputePipeline, TiledPipelines>();

  const createShaderModule = device.createShaderModule.bind(device);
  const codes = keepCodes(device);
  const createPipeline = device.createComputePipelineAsync.bind(device);
  const pipelineOf = (label: string, code: string, descriptor: GPUComputePipelineDescriptor) =>
    createPipeline({
      ...descriptor,
      label,
      compute: { module: createShaderModule({ label, code }), entryPoint: 'main' },
    });

  /** Our pipelines for a shader, tested; undefined where it keeps its own. */
  const replace = async (descriptor: GPUComputePipelineDescriptor): Promise<GPUComputePipeline | undefined> => {
    const code = codes.get(descriptor.compute.module);
    const recognition = code === undefined ? undefined : recognise(code, device.limits);
    if (code === undefined || recognition === undefined) return undefined;
    onSeen('unknown' in recognition ? recognition.unknown : recognition.replacement.program);
    if ('unknown' in recognition) {
      note(use, said`${recognition.unknown} has a form that is not known here`);
      return undefined;
    }
    const { replacement } = recognition;
    const shader: ReplacedShader = { code, replacement };
    if (replacement.kind === 'whole') {
      const ours = await pipelineOf(replacement.program, replacement.code, descriptor);
      return (await passes(shader, [ours], descriptor)) ? ours : undefined;
    }
    const { program, product, rowsPerGroup, columnsPerGroup } = replacement;
    const tilings = tilingsFor(device.limits, product.half);
    const made = await Promise.all(
      tilings.map((tiling) => pipelineOf(labelOf(program, tiling), sourceOf(product, tiling), descriptor)),
    );
    if (!(await passes(shader, made, descriptor))) return undefined;
    const pipelines = new Map(tilings.map((tiling, i) => [tiling, made[i]]));
    tiled.set(made[0], { tilings, pipelines, rowsPerGroup, columnsPerGroup });
    return made[0];
  };

  const passes = async (shader: ReplacedShader, ours: GPUComputePipeline[], descriptor: GPUComputePipelineDescriptor) =>
    noteResult(use, shader, await selfTest(device, shader, ours, () => createPipeline(descriptor)));

  device.createComputePipelineAsync = async (descriptor) => {
    const ours = await replace(descriptor).catch((error: unknown) => {
      note(use, said`${String(error)}`);
      return undefined;
    });
    return ours ?? createPipeline(descriptor);
  };

  chooseTilings(device, tiled, enough);
  return use;
}

/** The text of every shader that is made from now on. */
function keepCodes(device: GPUDevice): WeakMap<GPUShaderModule, string> {
  const codes = new WeakMap<GPUShaderModule, string>();
  const createShaderModule = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) => {
    const module = createShaderModule(descriptor);
    codes.set(module, descriptor.code);
    return module;
  };
  return codes;
}

/** Notes what the self-test found. @returns whether ours may stand there */
function noteResult(use: KernelUse, { replacement: { program } }: ReplacedShader, failure: Said | undefined): boolean {
  if (failure !== undefined) note(use, said`${program}: ${failure}`);
  else use.replaced[program] = (use.replaced[program] ?? 0) + 1;
  return failure === undefined;
}

/** Has each dispatch of a tiled product run with the tiling that its size asks for. */
function chooseTilings(device: GPUDevice, tiled: WeakMap<GPUComputePipeline, TiledPipelines>, enough: number): void {
  const createCommandEncoder = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = createCommandEncoder(descriptor);
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (pass) => withTiling(beginComputePass(pass), (pipeline) => tiled.get(pipeline), enough);
    return encoder;
  };
}

/** A pass in which a tiled pipeline's dispatch chooses its tiling first. */
function withTiling(
  pass: GPUComputePassEncoder,
  tiledOf: (pipeline: GPUComputePipeline) => TiledPipelines | undefined,
  enough: number,
): GPUComputePassEncoder {
  const setPipeline = pass.setPipeline.bind(pass);
  const dispatchWorkgroups = pass.dispatchWorkgroups.bind(pass);
  let current: TiledPipelines | undefined;
  pass.setPipeline = (pipeline) => {
    current = tiledOf(pipeline);
    if (!current) setPipeline(pipeline);
  };
  pass.dispatchWorkgroups = (x, y = 1, z = 1) => {
    if (!current) return dispatchWorkgroups(x, y, z);
    const [rows, columns] = [y * z * current.rowsPerGroup, x * current.columnsPerGroup];
    const tiling = chooseTiling(current.tilings, rows, columns, enough);
    setPipeline(current.pipelines.get(tiling)!);
    dispatchWorkgroups(Math.min(tileCount(tiling, rows, columns), MAX_WORKGROUPS));
  };
  return pass;
}

const labelOf = (program: Program, { rows, columns, groups }: Tiling) => `${program} ${rows}x${columns}/${groups}`;

function note(use: KernelUse, what: Said): void {
  const line = said`${what}; onnxruntime's own kernel runs there.`;
  if (!use.notes.some((one) => spoken(one) === spoken(line))) use.notes.push(line);
}
