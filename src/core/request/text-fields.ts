import type { SamplerId } from '../diffusion/samplers/index';
import type { Field, FieldText } from './field';
import { FIELDS, type FieldName, fieldNames } from './fields';

/** How a field stands in A1111's text. */
export function textOf(name: FieldName): FieldText {
  const { text }: Field = FIELDS[name];
  return text || {};
}

/** Beyond every order. */
const LAST = 1000;

/** The fields that the text names, in A1111's order. */
export const TEXT_FIELDS = fieldNames(({ text }) => text !== false).sort(
  (a, b) => (textOf(a).order ?? LAST) - (textOf(b).order ?? LAST),
);

/** The fields that are written under one key: a size has two, most have only themselves. */
export function partsOf(name: FieldName): readonly FieldName[] {
  const { key, part } = textOf(name);
  return part === undefined ? [name] : TEXT_FIELDS.filter((other) => textOf(other).key === key);
}

/** A1111's word for a field; Easel's label, where A1111 has no such setting. */
export function keyOf(name: FieldName, sampler: SamplerId): string {
  const { key, keyOfSampler } = textOf(name);
  return keyOfSampler?.[sampler] ?? key ?? FIELDS[name].label;
}
