import { SAMPLERS, type SamplerId } from '../diffusion/samplers/index';
import { STEP_SCHEDULES, type StepScheduleId } from '../diffusion/step-schedules/index';
import { EaselError, type Said, said } from '../errors';
import { saysWord } from '../text/embedding-words';
import { extraNetworks } from '../text/extra-networks';
import { type Axis, plotAxes } from './axes';
import { type Field, type FieldChoice, fileChoice } from './field';
import { FIELDS, type FieldName, fieldError, fieldNames, MAX_SEED } from './fields';
import { hashesIn, hashName, type NamedHash } from './file-hashes';
import { firstPassSize } from './hires';
import { DEFAULT_REQUEST, type GenerationRequest, promptError } from './request';
import { type NamedSampler, samplerByOtherName, scheduleByOtherName } from './sampler-names';
import { keyOf, partsOf, TEXT_FIELDS, textOf } from './text-fields';

/** What a text or a file says of how its picture was made, in A1111's words: not checked yet. */
export interface SaidSettings {
  prompt: string;
  negativePrompt: string;
  /** By A1111's key; what it has no word for, by that of the program which wrote it. */
  values: Map<string, string>;
}

/** Settings that were read, and what of them was not taken. */
export interface ReadSettings {
  request: Partial<GenerationRequest>;
  /** `Key: value` of everything that Easel does not have, or not so; each once. */
  ignored: string[];
  /** What was taken otherwise than it was said, in sentences; absent where there is nothing to say. */
  notes?: Said[];
  /** The model that the picture was painted with, and how its hash begins. */
  model?: string;
  modelHash?: string;
  /** The file whose autoencoder took the place of the model's own, and how its hash begins. */
  vae?: string;
  vaeHash?: string;
  /** LoRAs and embeddings by what the prompts call them, with how their hashes begin; absent where none are said. */
  loraHashes?: readonly NamedHash[];
  embeddingHashes?: readonly NamedHash[];
  /** The axes of the plot that the picture is of; absent where it is of none. */
  plot?: readonly Axis[];
}

/** They say what made the picture and when, not how: there is nothing to take. */
const FACTS: readonly string[] = [
  'Model',
  'Model hash',
  'Version',
  'App',
  'Pipeline',
  'Operations',
  'Created Date',
  'User',
  'Walk seed',
  'Walk variation seed',
  'Walk variation seed strength',
  'Walk prompt',
  'Walk negative prompt',
  'Walk share',
  'SD upscale tiles',
];

/** Any of them says that there was a second pass, whose `Denoising strength` it is then; without, it is img2img's. */
const HIRES = ['Hires upscale', 'Hires resize', 'Hires upscaler', 'Hires steps'];

/** Of which `Denoising strength` may be. */
const STRENGTHS: readonly FieldName[] = ['denoisingStrength', 'hiresStrength', 'sdUpscaleStrength'];

/** Any of them says that a picture was painted larger in tiles. */
const SD_UPSCALE = ['SD upscale overlap', 'SD upscale upscaler'];

/**
 * The settings that were said, as far as Easel has them; everything else is named. Whether they can stand together is
 * for whoever takes them to see (`settleConflicts`).
 * @throws EaselError `bad-request` for a prompt that is too long.
 */
export function readSaidSettings({ prompt, negativePrompt, values: all }: SaidSettings): ReadSettings {
  const tooLong = promptError('prompt', prompt) ?? promptError('negativePrompt', negativePrompt);
  if (tooLong) throw new EaselError('bad-request', tooLong);
  const request: Partial<GenerationRequest> = { prompt, negativePrompt };
  const notes: Said[] = [];
  const values = withFirstPass(all);
  const left = new Map(values);
  const hires = HIRES.some((key) => values.has(key));
  const sdUpscale = SD_UPSCALE.some((key) => values.has(key));
  const strength = hires ? 'hiresStrength' : sdUpscale ? 'sdUpscaleStrength' : 'denoisingStrength';
  Object.assign(
    request,
    samplerAndSchedule(values, left),
    hires && { hires, ...hiresSampling(values, left) },
    sdUpscale && { sdUpscale },
  );
  for (const name of TEXT_FIELDS) {
    if (name in request || (STRENGTHS.includes(name) && name !== strength)) continue;
    if (name === 'sampler' || name === 'schedule') continue;
    const found = saidOf(name, request.sampler ?? DEFAULT_REQUEST.sampler, values);
    if (found === undefined) continue;
    const isSeed = name === 'seed' || name === 'variationSeed';
    const value = isSeed ? seedFrom(found.text, notes) : valueFrom(name, found.text);
    if (value === undefined || fieldError(name, value)) continue;
    Object.assign(request, { [name]: value });
    left.delete(found.key);
  }
  dropHalves(request, values, left);
  Object.assign(request, unsaid(request, values));
  for (const fact of FACTS) left.delete(fact);
  const plot = plotAxes(values, left);
  const files = filesOf(values);
  if (files.vae !== undefined) for (const key of ['VAE', 'VAE hash']) left.delete(key);
  if (files.loraHashes?.every(([name]) => mentionsLora(prompt, name))) left.delete('Lora hashes');
  if (files.embeddingHashes?.every(([word]) => saysWord(`${prompt}\n${negativePrompt}`, word)))
    left.delete('TI hashes');
  const ignored = Array.from(left, ([key, value]) => shortened(`${key}: ${value}`));
  return { request, ignored, ...(notes.length > 0 && { notes }), ...files, ...(plot && { plot }) };
}

/** Names in hashes are written without what would end them. */
const mentionsLora = (prompt: string, name: string): boolean =>
  extraNetworks(prompt).loras.some((lora) => hashName(lora.name) === name);

type UsedFiles = Pick<ReadSettings, 'model' | 'modelHash' | 'vae' | 'vaeHash' | 'loraHashes' | 'embeddingHashes'>;

/** Words in a VAE's place that mean none: A1111's own, and Fooocus'. */
const NO_VAE = /^(none|automatic|auto|default \(model\))$/i;

/** The files that it was painted with. */
function filesOf(values: ReadonlyMap<string, string>): UsedFiles {
  const modelHash = values.get('Model hash') || undefined;
  const model = values.get('Model') || modelHash;
  const vaeHash = values.get('VAE hash') || undefined;
  const vae = values.get('VAE') || vaeHash;
  const [loraHashes, embeddingHashes] = ['Lora hashes', 'TI hashes'].map((key) => hashesIn(values.get(key)));
  return {
    ...(model !== undefined && { model }),
    ...(modelHash !== undefined && { modelHash: modelHash.toLowerCase() }),
    ...(vae !== undefined && !NO_VAE.test(vae) && { vae, ...(vaeHash && { vaeHash: vaeHash.toLowerCase() }) }),
    ...(loraHashes.length > 0 && { loraHashes }),
    ...(embeddingHashes.length > 0 && { embeddingHashes }),
  };
}

/**
 * Before A1111 1.0.0 `Size` was the second pass's, and `First pass size` the first's: 0x0 where it chose that itself.
 * As A1111 reads it today.
 */
function withFirstPass(values: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const [size, first] = ['Size', 'First pass size'].map((key) => sidesOf(values.get(key)));
  if (!size || !first) return values;
  const { width, height } = first.width === 0 || first.height === 0 ? firstPassSize(size, FIRST_PASS) : first;
  const today = new Map(values);
  today.delete('First pass size');
  today.set('Size', `${width}x${height}`);
  return today.set('Hires resize', `${size.width}x${size.height}`);
}

/** What models were made for then. */
const FIRST_PASS = { width: 512, height: 512 };

function sidesOf(text = ''): { width: number; height: number } | undefined {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  return width === undefined ? undefined : { width: Number(width), height: Number(height) };
}

/** What was said of a field, and under which key. */
function saidOf(
  name: FieldName,
  sampler: SamplerId,
  values: ReadonlyMap<string, string>,
): { key: string; text: string } | undefined {
  const { aliases = [], part } = textOf(name);
  const key = [keyOf(name, sampler), ...aliases].find((known) => values.has(known));
  const value = key === undefined ? undefined : values.get(key);
  if (key === undefined || value === undefined) return undefined;
  const text = part === undefined ? value : value.split('x')[part];
  return text === undefined ? undefined : { key, text };
}

/** The value that a text means; undefined where the field has none such. */
function valueFrom(name: FieldName, found: string): unknown {
  const field: Field = FIELDS[name];
  switch (field.kind) {
    case 'number': {
      const value = textOf(name).named ? found.replace(/ ".*"$/s, '') : found;
      return value === '' ? undefined : Number(value);
    }
    case 'flag':
      return found === 'True' ? true : found === 'False' ? false : undefined;
    case 'choice':
      return (
        field.choices.find((choice) => isCalled(choice, found))?.value ??
        (field.files && found ? fileChoice(found) : undefined)
      );
    case 'text':
      return found;
    default:
      return field satisfies never;
  }
}

/** Whether a text means a choice, in whatever case. */
function isCalled({ text, label, textAliases = [] }: FieldChoice, name: string): boolean {
  return [text ?? label, ...textAliases].some((known) => known.toLowerCase() === name.toLowerCase());
}

/** A seed, of which other programs have 64 bits: what of it torch's generator on a CPU begins with. */
function seedFrom(found: string, notes: Said[]): number | undefined {
  if (!/^\d{1,20}$/.test(found)) return valueFrom('seed', found) as number | undefined;
  const seed = BigInt(found);
  const taken = Number(seed % BigInt(MAX_SEED + 1));
  if (seed > BigInt(MAX_SEED))
    notes.push(said`The seed ${found} is larger than Easel’s: ${taken}, its last 32 bits, was taken.`);
  return taken;
}

/** What has several parts, as a size has, is not taken by half. */
function dropHalves(
  request: Partial<GenerationRequest>,
  values: ReadonlyMap<string, string>,
  left: Map<string, string>,
): void {
  for (const name of TEXT_FIELDS) {
    const parts = partsOf(name);
    const key = keyOf(name, DEFAULT_REQUEST.sampler);
    const said = values.get(key);
    if (parts.length === 1 || said === undefined || parts.every((part) => request[part] !== undefined)) continue;
    for (const part of parts) delete request[part];
    left.set(key, said);
  }
}

/** What a text means by leaving keys out. */
function unsaid(request: Partial<GenerationRequest>, values: ReadonlyMap<string, string>): Partial<GenerationRequest> {
  const meant: Partial<GenerationRequest> = {};
  // A1111 leaves RNG out where the noise was drawn on the GPU; programs that always draw on the CPU do not write its
  // version.
  if (!values.has('RNG') && /^[vf]\d/.test(values.get('Version') ?? '')) meant.noiseSource = 'nv';
  // A1111 writes no blur where there was none, but then the mask's other words tell that there was a mask.
  const masked = fieldNames(({ appliesTo }) => appliesTo === 'mask' || appliesTo === 'only-masked');
  if (masked.some((name) => request[name] !== undefined)) meant.maskBlur = request.maskBlur ?? textOf('maskBlur').omits;
  return meant;
}

/** What cannot be taken is shown to people, who know a value by its beginning. */
const shortened = (entry: string) => (entry.length > MAX_SHOWN ? `${entry.slice(0, MAX_SHOWN)}…` : entry);
const MAX_SHOWN = 100;

function idByLabel<T extends string>(registry: Record<T, { label: string }>, label: string): T | undefined {
  const wanted = label.toLowerCase();
  return (Object.keys(registry) as T[]).find((id) => registry[id].label.toLowerCase() === wanted);
}

/** A schedule at the end of a sampler's name, the longest that fits: "SGM Uniform" before "Uniform". */
function scheduleAtEnd(name: string): string | undefined {
  return Object.values(STEP_SCHEDULES)
    .map(({ label }) => label)
    .filter((label) => name.endsWith(` ${label}`))
    .sort((a, b) => b.length - a.length)[0];
}

/**
 * Sampler and schedule by A1111's names, by k-diffusion's (as Civitai and ComfyUI write them), or as before A1111 1.9,
 * when the schedule was part of the sampler's name: "DPM++ 2M Karras". What is taken goes out of `left`.
 */
function samplerAndSchedule(
  values: ReadonlyMap<string, string>,
  left: Map<string, string>,
): Pick<Partial<GenerationRequest>, 'sampler' | 'schedule' | 'unipcVariant'> {
  const named = namedSampling(values, left, 'Sampler', 'Schedule type');
  if (!named) return {};
  const { sampler, unipcVariant } = named;
  const standard: StepScheduleId = DEFAULT_REQUEST.schedule;
  return { sampler, schedule: named.schedule ?? standard, ...(unipcVariant && { unipcVariant }) };
}

/** The same of a second pass. */
function hiresSampling(
  values: ReadonlyMap<string, string>,
  left: Map<string, string>,
): Pick<Partial<GenerationRequest>, 'hiresSampler' | 'hiresSchedule'> {
  const named = namedSampling(values, left, 'Hires sampler', 'Hires schedule type');
  return {
    ...(named && { hiresSampler: named.sampler }),
    ...(named?.schedule && { hiresSchedule: named.schedule }),
  };
}

function namedSampling(
  values: ReadonlyMap<string, string>,
  left: Map<string, string>,
  samplerKey: string,
  scheduleKey: string,
): NamedSampler | undefined {
  const name = values.get(samplerKey);
  if (name === undefined) return undefined;
  const scheduleName = values.get(scheduleKey);
  const own = idByLabel(SAMPLERS, name);
  const combined = own === undefined ? scheduleAtEnd(name) : undefined;
  const known = own ?? (combined && idByLabel(SAMPLERS, name.slice(0, -combined.length - 1)));
  const other = known ? { sampler: known } : samplerByOtherName(name);
  if (!other) return undefined;
  left.delete(samplerKey);
  const label = scheduleName ?? combined;
  const schedule =
    label === undefined ? other.schedule : (idByLabel(STEP_SCHEDULES, label) ?? scheduleByOtherName(label));
  if (schedule !== undefined) left.delete(scheduleKey);
  return { ...other, schedule };
}
