import { FAMILY_WORDS } from '../core/family-words';
import { section } from './section';

export const texts = section('families', { ...FAMILY_WORDS });

/** What the page calls a family of models. @param label its name in English, as files and records have it */
export const familyText = ({ id, label }: Readonly<Record<'id' | 'label', string>>): string =>
  Object.hasOwn(texts, id) ? texts[id as keyof typeof texts] : label;
