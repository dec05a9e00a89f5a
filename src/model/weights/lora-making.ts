import * as v from 'valibot';
import { METHODS } from './adapters/index';
import { headerOf, type Lora } from './lora';

/** How a LoRA was made, as its file tells. */
export interface LoraMaking {
  /** As its authors call it; absent where it is a plain LoRA. */
  method?: string;
  /** The model that the training began with, by its file's name or its family. */
  base?: string;
  /** What the network was trained with: "dim 16, alpha 8, factor 4". */
  network?: string;
  /** A picture of what it does. */
  cover?: Blob;
}

type Metadata = Readonly<Record<string, string | undefined>>;

/** A LoRA's making, by its modules and by what kohya's scripts and modelspec write into the header. */
export function makingOf(lora: Pick<Lora, 'modules' | 'dict'>, metadata: Metadata): LoraMaking {
  const base = nameOf(metadata.ss_sd_model_name) ?? nameOf(metadata.ss_base_model_version);
  const [method, network, cover] = [methodOf(lora), networkOf(metadata), coverOf(metadata['modelspec.thumbnail'])];
  return { ...(method && { method }), ...(base && { base }), ...(network && { network }), ...(cover && { cover }) };
}

/** The methods of its weights, and whether their norms are learnt. */
function methodOf({ modules, dict }: Pick<Lora, 'modules' | 'dict'>): string | undefined {
  const names = new Set<string>();
  let isDecomposed = false;
  for (const map of Object.values(modules))
    for (const { keys } of map.values()) {
      const header = headerOf(keys, dict);
      for (const { name, of, is } of METHODS) if (of === 'weight' && is(header)) names.add(name);
      isDecomposed ||= header.has('dora_scale') || header.has('magnitude');
    }
  // Norms are trained as differences beside another method.
  if (names.size > 1) names.delete('difference');
  const all = [...names].join(', ');
  if (isDecomposed) return all === 'LoRA' ? 'DoRA' : `${all} with DoRA`;
  return all === 'LoRA' ? undefined : all;
}

/** As long as a line. In characters. */
const MAX_LENGTH = 120;

/** "None" is what Python writes of what it does not know. */
function nameOf(text: string | undefined): string | undefined {
  const name = text
    ?.replace(/^.*[\\/]/, '')
    .replace(/\.(safetensors|ckpt)$/i, '')
    .trim();
  return name && name !== 'None' ? name.slice(0, MAX_LENGTH) : undefined;
}

const ArgumentsSchema = v.fallback(
  v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
  {},
);

function networkOf({ ss_network_dim, ss_network_alpha, ss_network_args }: Metadata): string | undefined {
  const known = { dim: nameOf(ss_network_dim), alpha: nameOf(ss_network_alpha) };
  const all = Object.entries({ ...known, ...v.parse(ArgumentsSchema, ss_network_args) });
  const said = all.filter(([, value]) => value !== undefined && value !== '' && value !== 'None' && value !== 'False');
  return said.length === 0
    ? undefined
    : said
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')
        .slice(0, MAX_LENGTH);
}

/** Longer ones are no previews. In characters of base64. */
const MAX_COVER = 4_000_000;

/** modelspec: a data URL. Vector graphics could hold more than a picture. */
function coverOf(address: string | undefined): Blob | undefined {
  const [whole, type, data] = /^data:(image\/(?:jpeg|png|webp));base64,([A-Za-z0-9+/=]+)$/.exec(address ?? '') ?? [];
  if (whole === undefined || whole.length > MAX_COVER) return undefined;
  try {
    return new Blob([Uint8Array.from(atob(data), (character) => character.charCodeAt(0))], { type });
  } catch {
    return undefined;
  }
}
