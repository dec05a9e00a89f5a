import { FLAG_FIELDS, type FlagFieldName } from '../../core/request-fields';
import { changeSettings } from '../../store/settings';
import './flag-control.css';

/** A setting that is on or off. */
export function FlagControl({ name, checked }: { name: FlagFieldName; checked: boolean }) {
  const { label, help } = FLAG_FIELDS[name];
  return (
    <label className="flag" title={help}>
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => changeSettings({ [name]: event.currentTarget.checked })}
      />
      {label}
    </label>
  );
}
