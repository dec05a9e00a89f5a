import * as v from 'valibot';
import { create } from 'zustand';
import type { SamplerId } from '../../core/diffusion/samplers/index';
import type { Said } from '../../core/errors';
import {
  applies,
  dropInapplicable,
  type FieldDefault,
  fieldDefault,
  inapplicableFields,
  modelDefaultsWith,
  type PaintedFrom,
} from '../../core/request/applicable';
import { TEMPLATED, withoutTemplates } from '../../core/request/dynamic-prompts';
import type { NumberField } from '../../core/request/field';
import {
  FIELDS,
  type FieldName,
  fieldError,
  fieldNames,
  NUMBER_NAMES,
  type NumberName,
  SAMPLER_FIELDS,
} from '../../core/request/fields';
import {
  DEFAULT_REQUEST,
  type FieldValue,
  type GenerationRequest,
  type ModelDefaults,
  readRequest,
  requestConflict,
  schedulesOf,
  settleConflicts,
} from '../../core/request/request';
import { missingWildcard, missingWildcards } from '../../core/text/dynamic/resolve';
import type { Wildcards } from '../../core/text/dynamic/wildcards';
import { sentenceText } from '../../texts/errors';
import { texts as fieldTexts, shownValue } from '../../texts/fields';
import { texts } from '../../texts/store';
import { useWildcards } from '../lists/wildcards';
import { type NoticeAction, notify, undoBy } from '../notices';
import { fieldsOf, type KeyValueStorage, mergedFields, persistSlot, type Slot } from '../persistence/persisted';
import { lastSettings, leaveSettings } from './model-settings';
import { withRatio } from './sizes';

/** What the form shows. */
export interface SettingsState {
  /** Always valid: what a field that is wrong just now last held. */
  values: GenerationRequest;
  /** What was typed into fields that cannot take it, kept as typed until it is corrected. */
  drafts: Readonly<Partial<Record<NumberName, string>>>;
  /** What a double-click returns to: the loaded model's defaults over Easel's own. */
  defaults: GenerationRequest;
  /** Which model `defaults` came from; another model brings its own values along. */
  modelName: string | undefined;
  /** Width over height while the sizes are tied together. */
  ratio: number | undefined;
  /** What suits the picture on the canvas, of fields that nobody has set; not kept, the canvas says it again. */
  suited: Suited;
}

/** Fields whose best value depends on the picture that is painted from. */
export type Suited = Partial<Pick<GenerationRequest, 'denoisingStrength' | 'inpaintArea'>>;

const INITIAL: SettingsState = {
  values: DEFAULT_REQUEST,
  drafts: {},
  defaults: DEFAULT_REQUEST,
  modelName: undefined,
  ratio: undefined,
  suited: {},
};

export const useSettings = create<SettingsState>(() => INITIAL);

/** Settings as they lie on the disk. */
export const SETTINGS_SLOT: Slot<SettingsState> = {
  key: 'easel.settings',
  label: texts.theSettings,
  v: 1,
  migrations: {},
  parse: parseSettings,
  format: ({ suited, ...kept }) => kept,
  merge: mergeSettings,
  offered: offeredSettings,
};

const TYPED = v.fallback(v.optional(v.string()), undefined);

/** The requests are read by their own table's parser, field by field. */
const STORED = v.object({
  values: v.optional(v.unknown()),
  defaults: v.optional(v.unknown()),
  drafts: v.fallback(v.object(Object.fromEntries(NUMBER_NAMES.map((name) => [name, TYPED]))), {}),
  modelName: v.fallback(v.optional(v.string()), undefined),
  ratio: v.fallback(v.optional(v.pipe(v.number(), v.gtValue(0))), undefined),
});

function parseSettings(value: unknown, onBroken: (label: string) => void): SettingsState {
  const { values, defaults, drafts, modelName, ratio } = v.parse(STORED, fieldsOf(value));
  const readOr = (request: unknown, heard: (name: FieldName) => void) =>
    typeof request === 'object' && request !== null ? readRequest({ ...request }, heard) : DEFAULT_REQUEST;
  return {
    values: readOr(values, (name) => onBroken(fieldTexts[name].label)),
    // The loaded model says them again.
    defaults: readOr(defaults, () => undefined),
    drafts,
    modelName,
    ratio,
    suited: {},
  };
}

/** What was typed into a field goes with what the field holds. */
function mergeSettings(base: SettingsState, mine: SettingsState, theirs: SettingsState): SettingsState {
  const merged = mergedFields(base, mine, theirs);
  const own = NUMBER_NAMES.filter(
    (name) => mine.values[name] !== base.values[name] || mine.drafts[name] !== base.drafts[name],
  );
  const fields = NUMBER_NAMES.map((name) => ({ name, from: own.includes(name) ? mine : theirs }));
  const values = Object.fromEntries(fields.map(({ name, from }) => [name, from.values[name]]));
  const drafts = fields.map(({ name, from }) => [name, from.drafts[name]] as const);
  return {
    ...merged,
    values: { ...merged.values, ...values },
    drafts: Object.fromEntries(drafts.filter(([, draft]) => draft !== undefined)),
    suited: mine.suited,
  };
}

/** A tab with another model has values that suit that model; only what no model brings along is for this one too. */
function offeredSettings(mine: SettingsState, theirs: SettingsState): SettingsState {
  if (theirs.modelName === mine.modelName) return theirs;
  return { ...mine, values: { ...mine.values, ...ofNoModel(theirs.values) } };
}

/** What stays when another model comes: the words, the seed and how many pictures. */
function ofNoModel(request: GenerationRequest): Partial<GenerationRequest> {
  return picked(
    request,
    fieldNames(({ belongsTo }) => belongsTo === 'person'),
  );
}

/** Some fields of a request; those that it leaves out are undefined. */
export function picked(request: Partial<GenerationRequest>, names: readonly FieldName[]): Partial<GenerationRequest> {
  return Object.fromEntries(names.map((name) => [name, request[name]]));
}

/** What puts fields back to being left out. */
export const unset = (names: readonly FieldName[]): Partial<GenerationRequest> => picked({}, names);

/** Takes up what an earlier visit left and keeps every change from now on. Returns what ends it. */
export function persistSettings(storage: KeyValueStorage): () => void {
  const broken: string[] = [];
  const stop = persistSlot(SETTINGS_SLOT, useSettings, storage, (label) => broken.push(label));
  if (broken.length > 0)
    notify(texts.settingsUnread(broken), undefined, {
      stays: true,
    });
  return stop;
}

/** Back to the first visit's settings. */
export function resetSettings(): void {
  useSettings.setState(INITIAL, true);
}

/**
 * Changes fields that cannot be wrong, or numbers known to be right. That a picture is painted in tiles is for a job to
 * say: the form paints none so.
 */
export function changeSettings({ sdUpscale: _, ...change }: Partial<GenerationRequest>): void {
  const names = Object.keys(change);
  useSettings.setState(({ values, drafts }) => ({
    values: { ...values, ...change },
    drafts: names.some((name) => name in drafts)
      ? Object.fromEntries(Object.entries(drafts).filter(([name]) => !names.includes(name)))
      : drafts,
  }));
}

/** For a message about what is about to change the form: puts back what it holds now. */
export function settingsUndo(): ReturnType<typeof undoBy> {
  const { values, drafts } = useSettings.getState();
  return undoBy(() => useSettings.setState({ values, drafts }));
}

/** Changes the form by what a message tells, and offers there to put back what it held. @param second more to do */
export function changeWithUndo(text: string, change: () => void, second?: NoticeAction): void {
  const undo = settingsUndo();
  change();
  notify(text, undo, { second });
}

/** Takes settings that were made together, as a picture has them: what they leave out is left out. */
export function replaceSettings(settings: Partial<GenerationRequest>): void {
  const optional = fieldNames(({ required }) => !required);
  changeSettings({ ...unset(optional), ...withoutTemplates(settings) });
}

/**
 * Puts settings that cannot stand with the others back to their default, so that the form can generate.
 * @returns what they were, as `Label: value`
 */
export function settleSettings(): string[] {
  const { values } = useSettings.getState();
  const settled = { ...values };
  const names = settleConflicts(settled);
  changeSettings({ ...picked(settled, names) });
  return names.map((name) => `${fieldTexts[name].label}: ${shownValue(name, values[name])}`);
}

/**
 * Changes a field as a person does, with what that moves along: a tied size its partner, a sampler its options. What
 * suits the picture is not set, so that it goes on following the picture.
 */
export function setField<Name extends FieldName>(name: Name, value: FieldValue<Name>): void {
  const { values, ratio, suited } = useSettings.getState();
  const suiting: Partial<Record<FieldName, unknown>> = suited;
  if (suiting[name] === value) {
    changeSettings(unset([name]));
    return;
  }
  const change: Partial<GenerationRequest> = { [name]: value };
  if (ratio !== undefined && (name === 'width' || name === 'height'))
    changeSettings(withRatio(name, Number(value), ratio));
  else if (change.sampler !== undefined) changeSettings(withSampler(values, change.sampler));
  else changeSettings(change);
}

/** What another sampler changes: its options are its own, and its schedule one that it can use. */
function withSampler({ schedule }: GenerationRequest, sampler: SamplerId): Partial<GenerationRequest> {
  const kept = schedulesOf(sampler).includes(schedule) ? schedule : DEFAULT_REQUEST.schedule;
  return { ...unset(SAMPLER_FIELDS), sampler, schedule: kept };
}

/** A number field as typed: taken when it can stand, kept as a draft with its reason when it cannot. */
export function typeNumber(name: NumberName, text: string): void {
  const value = numberFrom(text);
  if (fieldError(name, value) === undefined) setField(name, value);
  else useSettings.setState(({ drafts }) => ({ drafts: { ...drafts, [name]: text } }));
}

/** A number field as it is left: what lies between two numbers that it takes goes to the nearer one, as in A1111. */
export function leaveNumber(name: NumberName): void {
  const draft = useSettings.getState().drafts[name];
  const { min, max, step, integer, multiple }: NumberField = FIELDS[name];
  if (draft === undefined || !(integer || multiple)) return;
  const value = numberFrom(draft);
  const unit = multiple ? step : 1;
  if (value >= min && value <= max) setField(name, Math.round(value / unit) * unit);
}

/** A comma is a decimal point in half of the world; an empty field is no number, though JavaScript says 0. */
function numberFrom(text: string): number {
  const trimmed = text.trim().replace(',', '.');
  return trimmed === '' ? Number.NaN : Number(trimmed);
}

/**
 * What a field returns to on a double-click: what suits the picture on the canvas, the model's default (of its
 * sampler's options, with that sampler), else the sampler's own or the field's. None where it is the model's own to
 * say.
 */
export function defaultOf<Name extends FieldName>(
  name: Name,
  { values, defaults, suited }: SettingsState,
): FieldDefault<Name> {
  const ofModel: Partial<GenerationRequest> = { ...modelDefaultsWith(values, defaults), ...suited };
  return (ofModel[name] as FieldValue<Name> | undefined) ?? fieldDefault(name, values);
}

/** What a field holds, its default where it was never set. */
export function valueIn<Name extends FieldName>(name: Name, state: SettingsState): FieldDefault<Name> {
  return (state.values[name] as FieldValue<Name> | undefined) ?? defaultOf(name, state);
}

/** Whether a field holds something else than its default, or was set where it has none. */
export function isChanged(name: FieldName, state: SettingsState): boolean {
  return valueIn(name, state) !== defaultOf(name, state);
}

/** Why a field cannot stay as it is typed; undefined when it can. */
export function draftError(name: NumberName, drafts: SettingsState['drafts']): string | undefined {
  const draft = drafts[name];
  const fault = draft === undefined ? undefined : fieldError(name, numberFrom(draft));
  return fault && sentenceText(fault);
}

/** What stops Generate: a field as it is typed, fields that do not go together, a wildcard that is not there. */
export function firstProblem(
  state: SettingsState,
  from: PaintedFrom = 'words',
  wildcards = useWildcards.getState().wildcards,
): { name?: NumberName; reason: string } | undefined {
  const inapplicable = inapplicableFields(suitedValues(state), { from });
  for (const name of NUMBER_NAMES) {
    if (inapplicable.includes(name)) continue;
    const reason = draftError(name, state.drafts);
    if (reason !== undefined) return { name, reason };
  }
  const request = currentRequest(state, from);
  const reason = requestConflict(request) ?? wildcardProblem(request, wildcards);
  return reason && { reason: sentenceText(reason) };
}

/** That a prompt names a wildcard which is not there; while those of earlier visits are read, nobody knows. */
function wildcardProblem(request: GenerationRequest, wildcards: Wildcards): Said | undefined {
  if (useWildcards.getState().loading) return undefined;
  const [missing] = TEMPLATED.flatMap((name) => missingWildcards(request[name] ?? '', wildcards));
  return missing === undefined ? undefined : missingWildcard(missing);
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
 * The first model is on its way: the form begins with its values, so that it need not change when the model is there.
 * Where an earlier visit left the form of a model, it stays. @returns whether nobody has set any of it yet
 */
export function expectModel(modelDefaults: ModelDefaults): boolean {
  const { modelName, values, drafts } = useSettings.getState();
  if (modelName !== undefined) return false;
  const isUntouched = Object.keys(drafts).length === 0 && OF_MODEL.every((name) => isAsAtFirst(name, values));
  useSettings.setState({
    values: withModelDefaults(values, modelDefaults),
    defaults: { ...DEFAULT_REQUEST, ...modelDefaults },
  });
  return isUntouched;
}

const OF_MODEL = fieldNames(({ belongsTo }) => belongsTo === 'model');

const isAsAtFirst = (name: FieldName, values: GenerationRequest): boolean => values[name] === DEFAULT_REQUEST[name];

/** What was only expected of a model gives way to what it says. */
function withoutExpected({ values, defaults }: Pick<SettingsState, 'values' | 'defaults'>): GenerationRequest {
  const expected = OF_MODEL.filter((name) => values[name] === defaults[name]);
  return { ...values, ...picked(DEFAULT_REQUEST, expected) };
}

/**
 * A model was loaded. The same model as before changes only what a double-click returns to; another one brings its own
 * values, since a sampler or a size that suits one model spoils the pictures of the next, and as they were when it was
 * left. What was typed stays.
 */
export function adoptModel(name: string, modelDefaults: ModelDefaults): void {
  const defaults = { ...DEFAULT_REQUEST, ...modelDefaults };
  const { modelName, values, defaults: before } = useSettings.getState();
  if (modelName === name) {
    useSettings.setState({ defaults });
    return;
  }
  if (modelName === undefined) {
    const chosen = withoutExpected(useSettings.getState());
    useSettings.setState({ values: withModelDefaults(chosen, modelDefaults), defaults, modelName: name });
    return;
  }
  leaveSettings(modelName, values, before);
  useSettings.setState({
    values: { ...defaults, ...lastSettings(name), ...ofNoModel(values) },
    drafts: {},
    defaults,
    modelName: name,
    ratio: undefined,
  });
}

/** What was set before the first model was known: the model's defaults count where nothing was chosen. */
export function withModelDefaults(request: GenerationRequest, modelDefaults: ModelDefaults): GenerationRequest {
  const untouched = (Object.keys(modelDefaults) as (keyof ModelDefaults)[]).filter((name) =>
    isAsAtFirst(name, request),
  );
  const counted = picked(modelDefaults, untouched);
  return { ...request, ...counted, ...modelDefaultsWith({ ...request, ...counted }, counted) };
}

/** What is set, and where nothing is, what suits the picture on the canvas. */
export function suitedValues({ values, suited }: Pick<SettingsState, 'values' | 'suited'>): GenerationRequest {
  const set = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  return { ...values, ...suited, ...set };
}

/** The settings as a request: with what the sampler reads, without what it does not. The seed may still be random. */
export function currentRequest(state: SettingsState, from: PaintedFrom = 'words'): GenerationRequest {
  const request = dropInapplicable(suitedValues(state), { from });
  const optional = NUMBER_NAMES.filter((name) => !FIELDS[name].required && applies(name, request, { from }));
  for (const name of optional) {
    const { appliesTo, text, default: standard }: NumberField = FIELDS[name];
    const isSaid = appliesTo === 'sampler-option' || (text !== false && text?.always);
    if (isSaid) Object.assign(request, { [name]: valueIn(name, state) });
    else if (request[name] === standard) delete request[name];
  }
  return request;
}
