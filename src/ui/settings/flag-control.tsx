import { FLAG_FIELDS, type FlagFieldName } from '../../core/request/fields';
import { changeSettings } from '../../store/settings/settings';
import './flag-control.css';

/** A setting that is on or off. @param onChange where more changes with it. */
export function FlagControl({
  name,
  checked,
  onChange = (on) => changeSettings({ [name]: on }),
}: {
  name: FlagFieldName;
  checked: boolean;
  onChange?: (on: boolean) => void;
}) {
  const { label, help } = FLAG_FIELDS[name];
  return (
    <label className="flag" title={help}>
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}
