import { AXIS_NAMES, type AxisId } from '../core/request/axes';
import type { FieldName } from '../core/request/fields';
import { FIELDS } from './fields';
import { section } from './section';

/** What axes of a plot are called that no setting's label is. */
export const texts = section('axes', { ...AXIS_NAMES });

/** What the page calls an axis; a plot's text has it in English, as A1111 does. */
export const axisText = (id: AxisId): string => texts[id] ?? FIELDS[id as FieldName].label;
