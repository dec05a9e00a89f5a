import { FIELDS, type FlagName } from '../../core/request/fields';
import { setField, useSettings, valueIn } from '../../store/settings/settings';
import './flag-control.css';

/** A setting that is on or off. @param onChange where more changes with it. */
export function FlagControl({
  name,
  onChange = (on) => setField(name, on),
}: {
  name: FlagName;
  onChange?: (on: boolean) => void;
}) {
  const checked = useSettings((state) => valueIn(name, state) ?? false);
  const { label, help } = FIELDS[name];
  return (
    <label className="flag" title={help}>
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}
