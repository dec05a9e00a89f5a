import { useShallow } from 'zustand/react/shallow';
import { type PaintedFrom, shownFields } from '../../core/request/applicable';
import type { FieldGroup as Group } from '../../core/request/field';
import { useEngine } from '../../store/engine';
import { knownInfo } from '../../store/library/starter';
import { circumstancesOf } from '../../store/settings/applicable-fields';
import { suitedValues, useSettings } from '../../store/settings/settings';
import { FieldControl } from './field-control';

/** The controls of those of a group's settings that mean something. @param from where what is painted from matters */
export function FieldGroup({ group, from }: { group: Group; from?: PaintedFrom }) {
  const info = useEngine(knownInfo);
  const names = useSettings(
    useShallow((state) => {
      const values = suitedValues(state);
      return shownFields(group, values, { ...circumstancesOf(values.prompt, info), from }, info?.scheduler ?? {});
    }),
  );
  return names.map((name) => <FieldControl key={name} name={name} />);
}
