import { create } from 'zustand';
import { type SamplerId, samplerEntry } from '../../core/diffusion/samplers/index';
import type { StepScheduleId } from '../../core/diffusion/step-schedules/index';
import {
  type ChoiceFieldName,
  defaultChoice,
  EXTRA_NUMBERS,
  fieldError,
  NUMBER_FIELDS,
  type NumberFieldName,
  TUNING_NUMBERS,
  type TuningNumber,
} from '../../core/request/fields';
import {
  GIVEN_PICTURE_CHOICES,
  GIVEN_PICTURE_FLAGS,
  GIVEN_PICTURE_NUMBERS,
  MASK_CHOICES,
  MASK_FLAGS,
  MASK_NUMBERS,
} from '../../core/request/image-fields';
import {
  DEFAULT_REQUEST,
  type GenerationRequest,
  type ModelDefaults,
  readRequest,
  requestConflict,
  schedulesOf,
} from '../../core/request/request';
import { notify } from '../notices';
import { fieldsOf, type KeyValueStorage, keepSlot, mergedFields, type Slot } from '../persistence/persisted';
import { withRatio } from './sizes';

/** What the form shows. */
export interface SettingsState {
  /** Always valid: what a field that is wrong just now last held. */
  values: GenerationRequest;
  /** What was typed into fields that cannot take it, kept as typed until it is corrected. */
  drafts: Readonly<Partial<Record<NumberFieldName, string>>>;
  /** What a double-click returns to: the loaded model's defaults over Easel's own. */
  defaults: GenerationRequest;
  /** Which model `defaults` came from; another model brings its own values along. */
  modelName: string | undefined;
  /** Width over height while the sizes are tied together. */
  ratio: number | undefined;
}

const INITIAL: SettingsState = {
  values: DEFAULT_REQUEST,
  drafts: {},
  defaults: DEFAULT_REQUEST,
  modelName: undefined,
  ratio: undefined,
};

export const useSettings = create<SettingsState>(() => INITIAL);

/** Settings as they lie on the disk. */
export const SETTINGS_SLOT: Slot<SettingsState> = {
  key: 'easel.settings',
  label: 'the settings',
  v: 1,
  migrations: {},
  parse: parseSettings,
  merge: mergeSettings,
  offered: offeredSettings,
};

function parseSettings(value: unknown, onBroken: (label: string) => void): SettingsState {
  const { values, defaults, drafts, modelName, ratio } = fieldsOf(value);
  const readOr = (request: unknown, heard: (label: string) => void) =>
    typeof request === 'object' && request !== null ? readRequest({ ...request }, heard) : DEFAULT_REQUEST;
  return {
    values: readOr(values, onBroken),
    // The loaded model says them again.
    defaults: readOr(defaults, () => undefined),
    drafts: parseDrafts(drafts),
    modelName: typeof modelName === 'string' ? modelName : undefined,
    ratio: typeof ratio === 'number' && ratio > 0 ? ratio : undefined,
  };
}

function parseDrafts(value: unknown): SettingsState['drafts'] {
  if (typeof value !== 'object' || value === null) return {};
  const known = Object.entries(value).filter(
    ([name, text]) => Object.hasOwn(NUMBER_FIELDS, name) && typeof text === 'string',
  );
  return Object.fromEntries(known);
}

/** What was typed into a field goes with what the field holds. */
function mergeSettings(base: SettingsState, mine: SettingsState, theirs: SettingsState): SettingsState {
  const merged = mergedFields(base, mine, theirs);
  const names = Object.keys(NUMBER_FIELDS) as NumberFieldName[];
  const own = names.filter(
    (name) => mine.values[name] !== base.values[name] || mine.drafts[name] !== base.drafts[name],
  );
  const fields = names.map((name) => ({ name, from: own.includes(name) ? mine : theirs }));
  const values = Object.fromEntries(fields.map(({ name, from }) => [name, from.values[name]]));
  const drafts = fields.map(({ name, from }) => [name, from.drafts[name]] as const);
  return {
    ...merged,
    values: { ...merged.values, ...values },
    drafts: Object.fromEntries(drafts.filter(([, draft]) => draft !== undefined)),
  };
}

/** A tab with another model has values that suit that model; only what no model brings along is for this one too. */
function offeredSettings(mine: SettingsState, theirs: SettingsState): SettingsState {
  if (theirs.modelName === mine.modelName) return theirs;
  return { ...mine, values: { ...mine.values, ...ofNoModel(theirs.values) } };
}

/** What stays when another model comes: the words, the seed and how many pictures. */
function ofNoModel({ prompt, negativePrompt, seed, batchCount }: GenerationRequest): Partial<GenerationRequest> {
  return { prompt, negativePrompt, seed, batchCount };
}

/** Takes up what an earlier visit left and keeps every change from now on. Returns what ends it. */
export function keepSettings(storage: KeyValueStorage): () => void {
  const broken: string[] = [];
  const stop = keepSlot(SETTINGS_SLOT, useSettings, storage, (label) => broken.push(label));
  if (broken.length > 0)
    notify(`Could not be read from the last visit, and back at the default: ${broken.join(', ')}.`, undefined, {
      stays: true,
    });
  return stop;
}

/** Back to the first visit's settings. */
export function resetSettings(): void {
  useSettings.setState(INITIAL, true);
}

/** Changes fields that cannot be wrong, or numbers known to be right. */
export function changeSettings(change: Partial<GenerationRequest>): void {
  const names = Object.keys(change) as NumberFieldName[];
  useSettings.setState(({ values, drafts }) => ({
    values: { ...values, ...change },
    drafts: without(drafts, names),
  }));
}

function without(drafts: SettingsState['drafts'], names: readonly NumberFieldName[]): SettingsState['drafts'] {
  if (!names.some((name) => drafts[name] !== undefined)) return drafts;
  return Object.fromEntries(Object.entries(drafts).filter(([name]) => !names.includes(name as NumberFieldName)));
}

/** A number field as typed: taken when it can stand, kept as a draft with its reason when it cannot. */
export function typeNumber(name: NumberFieldName, text: string): void {
  const value = numberFrom(text);
  if (fieldError(name, value) === undefined) setNumber(name, value);
  else useSettings.setState(({ drafts }) => ({ drafts: { ...drafts, [name]: text } }));
}

/** A comma is a decimal point in half of the world; an empty field is no number, though JavaScript says 0. */
function numberFrom(text: string): number {
  const trimmed = text.trim().replace(',', '.');
  return trimmed === '' ? Number.NaN : Number(trimmed);
}

/** A valid number from slider, keys or wheel. A tied size moves its partner along. */
export function setNumber(name: NumberFieldName, value: number): void {
  const { ratio } = useSettings.getState();
  if (ratio !== undefined && (name === 'width' || name === 'height')) changeSettings(withRatio(name, value, ratio));
  else changeSettings({ [name]: value });
}

const isTuning = (name: NumberFieldName): name is TuningNumber =>
  (TUNING_NUMBERS as readonly NumberFieldName[]).includes(name);

/**
 * What a field returns to on a double-click: the model's own for its own sampler, the sampler's own, or the field's.
 */
export function defaultOf(name: NumberFieldName, { values, defaults }: SettingsState): number {
  const standard = NUMBER_FIELDS[name].default;
  if (!isTuning(name)) return defaults[name] ?? standard;
  const ofModel = values.sampler === defaults.sampler ? defaults[name] : undefined;
  return ofModel ?? samplerEntry(values.sampler).options[name] ?? standard;
}

/** What a choice holds, its default where it was never made. */
export function choiceOf(name: ChoiceFieldName, { values }: SettingsState): string {
  const { options } = samplerEntry(values.sampler);
  const own = name === 'unipcVariant' || name === 'varianceType' ? options[name] : undefined;
  return values[name] ?? own ?? defaultChoice(name);
}

/** Whether the last sigma but one is left out: as set, or as A1111 does for this sampler. */
export function discardsPenultimate({ values }: SettingsState): boolean {
  return values.discardPenultimate ?? samplerEntry(values.sampler).discardPenultimate ?? false;
}

/** What a field holds, its default where it was never set. */
export function numberOf(name: NumberFieldName, state: SettingsState): number {
  return state.values[name] ?? defaultOf(name, state);
}

/** Why a field cannot stay as it is typed; undefined when it can. */
export function draftError(name: NumberFieldName, drafts: SettingsState['drafts']): string | undefined {
  const draft = drafts[name];
  return draft === undefined ? undefined : fieldError(name, numberFrom(draft));
}

/** What a picture is painted from: words alone, a picture too, or a picture and a mask. */
export type PaintedFrom = 'words' | 'picture' | 'mask';

/** Fields that mean nothing without a picture, and nothing without a mask. */
const OF_PICTURE = [...GIVEN_PICTURE_NUMBERS, ...GIVEN_PICTURE_CHOICES, ...GIVEN_PICTURE_FLAGS] as const;
const OF_MASK = [...MASK_NUMBERS, ...MASK_CHOICES, ...MASK_FLAGS] as const;

/** The fields that a request leaves out. */
function inapplicableFields(from: PaintedFrom): readonly (keyof GenerationRequest)[] {
  switch (from) {
    case 'words':
      return [...OF_PICTURE, ...OF_MASK];
    case 'picture':
      return OF_MASK;
    case 'mask':
      return [];
    default:
      from satisfies never;
      return [];
  }
}

/** What stops Generate: a field as it is typed, or fields that do not go together. */
export function firstProblem(
  state: SettingsState,
  from: PaintedFrom = 'words',
): { name?: NumberFieldName; reason: string } | undefined {
  const idle = inapplicableFields(from);
  for (const name of Object.keys(NUMBER_FIELDS) as NumberFieldName[]) {
    if (idle.includes(name)) continue;
    const reason = draftError(name, state.drafts);
    if (reason !== undefined) return { name, reason };
  }
  const clash = requestConflict(currentRequest(state, from));
  return clash === undefined ? undefined : { reason: clash };
}

/** Fields that mean something else to each sampler, so that each starts from its own. */
export const UNTUNED: Partial<GenerationRequest> = Object.fromEntries(
  [...TUNING_NUMBERS, 'unipcVariant', 'varianceType', 'discardPenultimate'].map((name) => [name, undefined]),
);

/** Everything that stays out of a request until it is set. */
export const UNSET: Partial<GenerationRequest> = {
  ...UNTUNED,
  ...Object.fromEntries(
    [...EXTRA_NUMBERS, ...inapplicableFields('words'), 'noiseSource', 'quantise', 'fast'].map((name) => [
      name,
      undefined,
    ]),
  ),
};

export function setSampler(sampler: SamplerId): void {
  const { schedule } = useSettings.getState().values;
  const kept = schedulesOf(sampler).includes(schedule) ? schedule : 'automatic';
  changeSettings({ ...UNTUNED, sampler, schedule: kept });
}

export function setSchedule(schedule: StepScheduleId): void {
  changeSettings({ schedule });
}

/** Ties width and height together as they are now, or unties them. */
export function toggleRatio(): void {
  useSettings.setState(({ ratio, values }) => ({
    ratio: ratio === undefined ? values.width / values.height : undefined,
  }));
}

export function setSize(width: number, height: number): void {
  changeSettings({ width, height });
  useSettings.setState(({ ratio }) => ({ ratio: ratio === undefined ? undefined : width / height }));
}

export function swapSize(): void {
  const { width, height } = useSettings.getState().values;
  setSize(height, width);
}

/**
 * A model was loaded. The same model as before changes only what a double-click returns to; another one brings its own
 * values, since a sampler or a size that suits one model spoils the pictures of the next. What was typed stays.
 */
export function adoptModel(name: string, modelDefaults: ModelDefaults): void {
  const defaults = { ...DEFAULT_REQUEST, ...modelDefaults };
  const { modelName, values } = useSettings.getState();
  if (modelName === name) {
    useSettings.setState({ defaults });
    return;
  }
  if (modelName === undefined) {
    useSettings.setState({ values: withModelDefaults(values, modelDefaults), defaults, modelName: name });
    return;
  }
  useSettings.setState({
    values: { ...defaults, ...ofNoModel(values) },
    drafts: {},
    defaults,
    modelName: name,
    ratio: undefined,
  });
}

/** What was set before the first model was known: the model's defaults count where nothing was chosen. */
export function withModelDefaults(request: GenerationRequest, modelDefaults: ModelDefaults): GenerationRequest {
  const untouched = (Object.keys(modelDefaults) as (keyof ModelDefaults)[]).filter(
    (name) => request[name] === DEFAULT_REQUEST[name],
  );
  // The model's eta is meant for the model's sampler.
  const meant = untouched.includes('sampler') ? untouched : untouched.filter((name) => name !== 'eta');
  return { ...request, ...Object.fromEntries(meant.map((name) => [name, modelDefaults[name]])) };
}

/** The settings as a request: with what the sampler reads, without what it does not. The seed may still be random. */
export function currentRequest(state: SettingsState, from: PaintedFrom = 'words'): GenerationRequest {
  const request: GenerationRequest = { ...state.values };
  if (from !== 'words') request.denoisingStrength = numberOf('denoisingStrength', state);
  for (const name of inapplicableFields(from)) delete request[name];
  const { options } = samplerEntry(request.sampler);
  for (const name of TUNING_NUMBERS) {
    if (name in options) request[name] = numberOf(name, state);
    else delete request[name];
  }
  for (const name of EXTRA_NUMBERS) {
    if (request[name] === NUMBER_FIELDS[name].default) delete request[name];
  }
  if (!('unipcVariant' in options)) delete request.unipcVariant;
  if (!('varianceType' in options)) delete request.varianceType;
  return request;
}
