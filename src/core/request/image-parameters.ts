import { CHOICE_FIELDS, type ChoiceFieldName, defaultChoice, FLAG_FIELDS, fieldError, NUMBER_FIELDS } from './fields';
import {
  type GivenChoice,
  type GivenFlag,
  type GivenNumber,
  MASK_CHOICES,
  MASK_FLAGS,
  MASK_NUMBERS,
} from './image-fields';
import type { GenerationRequest } from './request';

/** Keys that are not the field's label: A1111's own, or none could stand in its text (a comma). */
const KEYS: Readonly<Partial<Record<GivenNumber | GivenChoice | GivenFlag, string>>> = {
  inpaintPadding: 'Masked area padding',
  exactSteps: 'Exact steps',
};

const keyOf = (name: GivenNumber | GivenChoice | GivenFlag): string =>
  KEYS[name] ?? { ...NUMBER_FIELDS, ...CHOICE_FIELDS, ...FLAG_FIELDS }[name].label;

const NUMBERS = ['denoisingStrength', ...MASK_NUMBERS] as const;
const CHOICES = ['maskMode', 'inpaintArea', 'maskedContent', 'resizeMode', 'posterior', 'inpaintWay'] as const;
const FLAGS = ['exactSteps', ...MASK_FLAGS] as const;

type Entry = [key: string, value: string | number | undefined];

/** A1111 writes the strength of every picture painted from a picture, before what else it was painted with. */
export const strengthEntry = ({ denoisingStrength }: GenerationRequest): Entry => [
  keyOf('denoisingStrength'),
  denoisingStrength ?? NUMBER_FIELDS.denoisingStrength.default,
];

const chosen = (request: GenerationRequest, name: GivenChoice) => request[name] ?? defaultChoice(name);

/** Everything else about a given picture that is not the default, A1111's keys first and in its order. */
export function givenPictureEntries(request: GenerationRequest, masked: boolean): Entry[] {
  const choice = (name: GivenChoice): Entry => {
    const value = chosen(request, name);
    const label = CHOICE_FIELDS[name].choices.find((known) => known.value === value)?.label;
    const needsMask = (MASK_CHOICES as readonly string[]).includes(name);
    return [keyOf(name), value === defaultChoice(name) || (needsMask && !masked) ? undefined : label];
  };
  const blur = request.maskBlur ?? NUMBER_FIELDS.maskBlur.default;
  const onlyMasked = masked && chosen(request, 'inpaintArea') === 'only-masked';
  const padding = request.inpaintPadding ?? NUMBER_FIELDS.inpaintPadding.default;
  return [
    choice('maskMode'),
    [keyOf('maskBlur'), masked && blur > 0 ? blur : undefined],
    choice('inpaintArea'),
    [keyOf('inpaintPadding'), onlyMasked ? padding : undefined],
    choice('maskedContent'),
    choice('resizeMode'),
    choice('posterior'),
    choice('inpaintWay'),
    [keyOf('exactSteps'), request.exactSteps ? 'True' : undefined],
    [keyOf('softMask'), masked && request.softMask ? 'True' : undefined],
  ];
}

/** What a `parameters` text says about a given picture; what Easel does not have goes to `ignored`. */
export function readGivenPicture(values: ReadonlyMap<string, string>, ignored: string[]): Partial<GenerationRequest> {
  const found: Partial<GenerationRequest> = {};
  for (const name of NUMBERS) {
    const value = values.get(keyOf(name));
    if (value === undefined) continue;
    if (value === '' || fieldError(name, Number(value))) ignored.push(`${keyOf(name)}: ${value}`);
    else found[name] = Number(value);
  }
  for (const name of CHOICES) {
    const value = values.get(keyOf(name));
    if (value === undefined) continue;
    const known = idOfChoice(name, value);
    if (known === undefined) ignored.push(`${keyOf(name)}: ${value}`);
    else Object.assign(found, { [name]: known });
  }
  for (const name of FLAGS) if (values.has(keyOf(name))) found[name] = values.get(keyOf(name)) === 'True';
  // A1111 writes no blur where there was none, but then the mask's other words tell that there was a mask.
  if (found.maskBlur === undefined && MASK_WORDS.some((name) => found[name] !== undefined)) found.maskBlur = 0;
  return found;
}

const MASK_WORDS = [...MASK_CHOICES, ...MASK_FLAGS, 'inpaintPadding'] as const;

function idOfChoice(name: ChoiceFieldName, label: string): string | undefined {
  return CHOICE_FIELDS[name].choices.find((choice) => choice.label.toLowerCase() === label.toLowerCase())?.value;
}
