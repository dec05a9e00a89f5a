import { Tooltip } from 'radix-ui';
import { useId } from 'react';
import type { FlagName } from '../../core/request/fields';
import { setField, useSettings, valueIn } from '../../store/settings/settings';
import { FIELDS } from '../../texts/fields';
import { Hint } from '../components/hint';
import './flag-control.css';

/**
 * A setting that is on or off. @param label where it can say more than the setting's own @param onChange where more
 * changes with it.
 */
export function FlagControl({
  name,
  label = FIELDS[name].label,
  onChange = (on) => setField(name, on),
}: {
  name: FlagName;
  label?: string;
  onChange?: (on: boolean) => void;
}) {
  const checked = useSettings((state) => valueIn(name, state) ?? false);
  const { help } = FIELDS[name];
  const id = useId();
  return (
    <Hint text={help} side="right">
      <Tooltip.Trigger asChild>
        <label className="flag">
          <input
            type="checkbox"
            checked={checked}
            aria-describedby={`${id}-help`}
            onChange={(event) => onChange(event.currentTarget.checked)}
          />
          {label}
          <span id={`${id}-help`} className="visually-hidden" aria-hidden="true">
            {help}
          </span>
        </label>
      </Tooltip.Trigger>
    </Hint>
  );
}
