import { resolveSchedule, type StepTraits } from '../diffusion/plan-steps';
import { samplerEntry } from '../diffusion/samplers/index';
import { STEP_SCHEDULES } from '../diffusion/step-schedules/index';
import type { Field, FieldGroup } from './field';
import { FIELDS, type FieldName, type FlagName, fieldNames, fieldsOfGroup } from './fields';
import type { FieldValue, GenerationRequest, ModelDefaults } from './request';

/**
 * What a picture is painted from: words alone, words for a frame of the canvas that shows nothing yet and gives the
 * picture its size, a picture too, or a picture and a mask.
 */
export type PaintedFrom = 'words' | 'frame' | 'picture' | 'mask';

/** Whether it is painted from a picture. */
export const isPictured = (from: PaintedFrom): from is 'picture' | 'mask' => from === 'picture' || from === 'mask';

/** What decides, beside the request, whether a field means something. What is not known rules nothing out. */
export interface Circumstances {
  from?: PaintedFrom;
  /** Whether the model starts from a picture that it is given; one that is shown it beside its noise does not. */
  starts?: boolean;
  /** Whether the model reads text. */
  text?: boolean;
  /** Whether the model can be guided away from something: another text, or the class that stands for none. */
  guided?: boolean;
  /** Whether the model is told a class. */
  classes?: boolean;
  /** Whether the model's predictions can be kept within a range. */
  thresholding?: boolean;
  /** Whether the model brought a LoRA for few steps. */
  fastLora?: boolean;
  /** Whether the model brought a classifier, and the prompt names something that it knows. */
  classifier?: boolean;
}

/** What a field may hold where it was never set: of one that is on or off, nothing where it is the model's to say. */
export type FieldDefault<Name extends FieldName> = FieldValue<Name> | (Name extends FlagName ? undefined : never);

/** What a field holds where it was never set: the sampler's own, or the table's; none where it is the model's. */
export function fieldDefault<Name extends FieldName>(
  name: Name,
  { sampler }: Pick<GenerationRequest, 'sampler'>,
): FieldDefault<Name> {
  const { options, discardPenultimate } = samplerEntry(sampler);
  const own: Partial<GenerationRequest> = { ...options, discardPenultimate };
  return (own[name] ?? FIELDS[name].default) as FieldDefault<Name>;
}

/** Whether a field of a request means something. */
export function applies(name: FieldName, request: GenerationRequest, circumstances: Circumstances): boolean {
  const { appliesTo }: Field = FIELDS[name];
  const {
    from = 'mask',
    starts = true,
    text = true,
    fastLora = true,
    classifier = true,
    classes = true,
    thresholding = true,
  } = circumstances;
  const words = circumstances.from === undefined || from === 'words';
  switch (appliesTo) {
    case undefined:
      return true;
    case 'sampler-option':
      return name in samplerEntry(request.sampler).options;
    case 'words':
      return words;
    case 'hires':
      return words && request.hires === true;
    case 'hires-scale':
      return words && request.hires === true && !request.hiresWidth && !request.hiresHeight;
    case 'variation':
      return (request.variationStrength ?? 0) > 0;
    case 'picture':
      return isPictured(from);
    case 'start':
      return starts && isPictured(from);
    case 'whole-picture':
      return starts && isPictured(from) && !(request.sdUpscale && circumstances.from === 'picture');
    case 'sd-upscale':
      return starts && request.sdUpscale === true && (circumstances.from ?? 'picture') === 'picture';
    case 'mask':
      return starts && from === 'mask';
    case 'only-masked':
      return starts && from === 'mask' && request.inpaintArea === 'only-masked';
    case 'text':
      return text;
    case 'class':
      return classes;
    case 'thresholding':
      return thresholding;
    case 'fast-lora':
      return fastLora;
    case 'classifier':
      return classifier;
    default:
      return appliesTo satisfies never;
  }
}

/** The fields that mean nothing in a request: set for another sampler, picture or model, they would do nothing. */
export function inapplicableFields(request: GenerationRequest, circumstances: Circumstances): FieldName[] {
  return fieldNames().filter((name) => !applies(name, request, circumstances));
}

/** A request without what means nothing in it. */
export function dropInapplicable(request: GenerationRequest, circumstances: Circumstances): GenerationRequest {
  const dropped: readonly string[] = inapplicableFields(request, circumstances);
  return Object.fromEntries(
    Object.entries(request).filter(([name]) => !dropped.includes(name)),
  ) as unknown as GenerationRequest;
}

/** Which fields of a group a form asks for. @param traits what the model says of steps */
export function shownFields(
  group: FieldGroup,
  request: GenerationRequest,
  circumstances: Circumstances,
  traits: StepTraits,
): FieldName[] {
  const sampler = samplerEntry(request.sampler);
  const { guided = true } = circumstances;
  // Where only the ends of the list count, they can still be moved.
  const levels =
    STEP_SCHEDULES[sampler.ends ? 'exponential' : resolveSchedule(request.sampler, request.schedule, traits)];
  return fieldsOfGroup(group).filter((name) => {
    const { shownWhen }: Field = FIELDS[name];
    return applies(name, request, circumstances) && (shownWhen === undefined || shownWhen({ sampler, levels, guided }));
  });
}

/** What of a model's defaults counts with a sampler: its sampler options are meant for its own. */
export function modelDefaultsWith(
  { sampler }: Pick<GenerationRequest, 'sampler'>,
  modelDefaults: ModelDefaults,
): ModelDefaults {
  if (sampler === modelDefaults.sampler) return modelDefaults;
  const counted = Object.entries(modelDefaults).filter(([name]) => {
    const { appliesTo }: Field = FIELDS[name as FieldName];
    return appliesTo !== 'sampler-option';
  });
  return Object.fromEntries(counted);
}

/** What of a model decides how it paints a request, whatever that asks for. */
export interface PaintedBy {
  conditioning: 'text' | 'class' | 'none';
  /** Classes that it, or a classifier for it, is told. */
  classes?: number;
  nullClass?: number;
  fixedSide?: number;
}

/**
 * A request as a model paints it: without words where it reads none, with a class where it is told one, unguided where
 * there is nothing to guide it away from, and of its own size where it paints no other.
 */
export function asPaintedBy(
  request: GenerationRequest,
  { conditioning, nullClass, fixedSide, classes }: PaintedBy,
): GenerationRequest {
  const sized =
    fixedSide === undefined ? request : { ...request, width: fixedSide, height: fixedSide, hires: undefined };
  if (conditioning === 'text') return sized;
  const { classLabel = FIELDS.classLabel.default, cfgScale } = request;
  return {
    ...sized,
    prompt: '',
    negativePrompt: '',
    template: undefined,
    negativeTemplate: undefined,
    cfgScale: nullClass === undefined ? 1 : cfgScale,
    ...((conditioning === 'class' || classes !== undefined) && { classLabel }),
  };
}
