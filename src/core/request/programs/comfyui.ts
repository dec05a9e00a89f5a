import { EaselError, said } from '../../errors';
import type { SaidSettings } from '../said-settings';
import { asObject, fieldOf, type JsonObject, nameOf, parseObject, saidAs, withLoras } from './json';

/** A node of a graph as ComfyUI runs it. An input is a value, or a link: [id of a node, number of its output]. */
interface GraphNode {
  id: string;
  kind: string;
  inputs: JsonObject;
}

type Graph = ReadonlyMap<string, GraphNode>;

/** The graph that is run stands under `prompt`; in a WebP behind "prompt:", in the camera's tags. */
function graphOf(texts: ReadonlyMap<string, string>): Graph | undefined {
  const tagged = [texts.get('Model'), texts.get('Make')].find((text) => text?.startsWith('prompt:'));
  const object = parseObject(texts.get('prompt') ?? tagged?.slice('prompt:'.length));
  if (!object) return undefined;
  const nodes = new Map<string, GraphNode>();
  for (const [id, value] of Object.entries(object)) {
    const node = asObject(value);
    const kind = node && fieldOf(node, 'class_type');
    if (node && typeof kind === 'string') nodes.set(id, { id, kind, inputs: asObject(fieldOf(node, 'inputs')) ?? {} });
  }
  return nodes.size > 0 ? nodes : undefined;
}

/**
 * The settings of a ComfyUI graph: those of the sampler that leads to the saved picture, or, where that one goes on
 * from another's latent, of the first one; its prompts, its model and the LoRAs on the way to it. Every other kind of
 * node on the way is named as not taken. Time grows with the graph.
 * @returns undefined where there is no graph
 * @throws EaselError `unsupported` for a graph without a sampler
 */
export function readComfyUi(texts: ReadonlyMap<string, string>): SaidSettings | undefined {
  const graph = graphOf(texts);
  if (!graph) return undefined;
  const outputs = [...graph.values()].filter(({ kind }) => /save|preview|output/i.test(kind));
  const reached = upstream(graph, outputs.length > 0 ? outputs : [...graph.values()]);
  const samplers = reached.filter(isSampler);
  // The one whose latent comes from no other sampler: breadth first, the furthest from the output.
  const first = samplers[samplers.length - 1];
  if (!first) throw new EaselError('unsupported', said`This ComfyUI graph has no sampler that Easel knows.`);
  const reader = new NodeReader(graph, first);
  const values = reader.values();
  for (const later of samplers.slice(0, -1)) values.set(`Node ${later.id}`, later.kind);
  for (const { kind } of reached) if (!KNOWN.test(kind)) values.set(kind, 'node');
  const { loras, model } = reader.modelChain();
  if (model !== undefined) values.set('Model', model);
  return {
    prompt: withLoras(reader.prompt('positive'), loras),
    negativePrompt: reader.prompt('negative'),
    values,
  };
}

/** Kinds of nodes whose settings are taken, or that have none. */
const KNOWN =
  /sampler|^(?:CheckpointLoader|UNETLoader|CLIPLoader|DualCLIPLoader|LoraLoader|CLIPTextEncode|CLIPSetLastLayer|EmptyLatentImage|EmptySD3LatentImage|VAEDecode|SaveImage|PreviewImage|RandomNoise|CFGGuider|BasicGuider|BasicScheduler|Primitive|String|Note|Reroute)/i;

const isSampler = ({ inputs }: GraphNode) =>
  ('seed' in inputs || 'noise_seed' in inputs || 'noise' in inputs) &&
  ('sampler_name' in inputs || 'sampler' in inputs) &&
  ('steps' in inputs || 'sigmas' in inputs);

/** The node that an input is linked to. */
function linked(graph: Graph, { inputs }: GraphNode, name: string): GraphNode | undefined {
  const link = fieldOf(inputs, name);
  return Array.isArray(link) && link.length === 2 ? graph.get(String(link[0])) : undefined;
}

/** All nodes that lead to some, these included, nearest first. */
function upstream(graph: Graph, from: readonly GraphNode[]): GraphNode[] {
  const found = new Set(from);
  // A set hears of what is added while it is gone through.
  for (const node of found)
    for (const name of Object.keys(node.inputs)) {
      const before = linked(graph, node, name);
      if (before) found.add(before);
    }
  return [...found];
}

/** Inputs by which nodes pass a conditioning on, beside the side's own name. */
const CONDITIONING = [
  'conditioning',
  'conditioning_1',
  'conditioning_to',
  'conditioning_2',
  'conditioning_from',
  'guider',
];
const TEXT = ['text', 'text_g', 'text_l', 'value', 'string', 'prompt', 't5xxl'];

/** What stands around a sampler. */
class NodeReader {
  constructor(
    readonly graph: Graph,
    readonly sampler: GraphNode,
  ) {}

  /** A value of the sampler, or of a node that it is linked to by one of some inputs. */
  #said(names: readonly string[], through: readonly string[] = []): string | undefined {
    const nodes = [this.sampler, ...through.map((name) => linked(this.graph, this.sampler, name))];
    for (const node of nodes)
      for (const name of names) {
        if (!node) continue;
        const said = saidAs(fieldOf(node.inputs, name)) ?? this.#valueOf(linked(this.graph, node, name));
        if (said !== undefined) return said;
      }
    return undefined;
  }

  /** What a node that only holds a value holds. */
  #valueOf(node: GraphNode | undefined): string | undefined {
    return node && ['value', 'seed', 'int', 'float', 'string'].map((name) => saidAs(fieldOf(node.inputs, name))).find((said) => said !== undefined); // biome-ignore format: one thought
  }

  values(): Map<string, string> {
    const values = new Map<string, string>();
    const set = (key: string, said: string | undefined) => said !== undefined && values.set(key, said);
    set('Steps', this.#said(['steps'], ['sigmas']));
    set('Sampler', this.#said(['sampler_name'], ['sampler']));
    set('Schedule type', this.#said(['scheduler'], ['sigmas']));
    set('CFG scale', this.#said(['cfg'], ['guider']));
    set('Seed', this.#said(['seed', 'noise_seed'], ['noise']));
    const latents = upstream(this.graph, [linked(this.graph, this.sampler, 'latent_image') ?? this.sampler]);
    const empty = latents.find(({ inputs }) => 'width' in inputs && 'height' in inputs && 'batch_size' in inputs);
    if (empty) set('Size', sizeOf(empty));
    const denoise = this.#said(['denoise'], ['sigmas']);
    // Of an empty latent there is nothing to keep.
    if (denoise !== undefined && !empty) values.set('Denoising strength', denoise);
    const skip = this.#around('clip').find(({ inputs }) => 'stop_at_clip_layer' in inputs)?.inputs.stop_at_clip_layer;
    if (typeof skip === 'number' && skip < -1) values.set('Clip skip', String(-skip));
    // ComfyUI draws its noise on the CPU.
    values.set('RNG', 'CPU');
    return values;
  }

  /** What leads to the texts by some input. */
  #around(input: string): GraphNode[] {
    const encoders = upstream(this.graph, [this.sampler]).filter(({ inputs }) => TEXT.some((name) => name in inputs));
    return upstream(
      this.graph,
      encoders.flatMap((node) => linked(this.graph, node, input) ?? []),
    );
  }

  /** The text that a side of the sampler comes from, the nearest first. */
  prompt(side: 'positive' | 'negative'): string {
    const seen = new Set<GraphNode>();
    const next = (node: GraphNode) =>
      [side, ...CONDITIONING].flatMap((name) => (name === 'conditioning' && side === 'negative' && node === this.sampler ? [] : (linked(this.graph, node, name) ?? []))); // biome-ignore format: one thought
    for (const node of next(this.sampler)) seen.add(node);
    for (const node of seen) {
      const text = this.#textOf(node);
      if (text !== undefined) return text;
      for (const before of next(node)) seen.add(before);
    }
    return '';
  }

  /** What a node encodes, typed into it or into one that it is linked to. */
  #textOf(node: GraphNode): string | undefined {
    for (const name of TEXT) {
      const said = fieldOf(node.inputs, name);
      if (typeof said === 'string') return said;
      const behind = linked(this.graph, node, name);
      const typed =
        behind && TEXT.map((each) => fieldOf(behind.inputs, each)).find((value) => typeof value === 'string');
      if (typeof typed === 'string') return typed;
    }
    return undefined;
  }

  /** The model that the sampler paints with, and the LoRAs on the way to it, as a prompt of A1111 names them. */
  modelChain(): { model: string | undefined; loras: string[] } {
    const loras: string[] = [];
    const seen = new Set<GraphNode>();
    let node = linked(this.graph, this.sampler, 'model');
    node ??= linked(this.graph, linked(this.graph, this.sampler, 'guider') ?? this.sampler, 'model');
    for (; node && !seen.has(node); node = linked(this.graph, node, 'model')) {
      seen.add(node);
      const { lora_name, strength_model, strength_clip, ckpt_name, unet_name } = node.inputs;
      if (typeof lora_name === 'string') {
        const unet = saidAs(strength_model) ?? '1';
        const text = saidAs(strength_clip) ?? unet;
        loras.unshift(`<lora:${nameOf(lora_name)}:${text === unet ? unet : `${text}:${unet}`}>`);
      }
      const file = ckpt_name ?? unet_name;
      if (typeof file === 'string') return { model: nameOf(file), loras };
    }
    return { model: undefined, loras };
  }
}

function sizeOf({ inputs: { width, height } }: GraphNode): string | undefined {
  const [w, h] = [saidAs(width), saidAs(height)];
  return w === undefined || h === undefined ? undefined : `${w}x${h}`;
}
