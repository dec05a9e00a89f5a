import { CHOICE_FIELDS, type ChoiceFieldName } from '../../core/request/fields';
import { changeSettings, choiceOf, useSettings } from '../../store/settings/settings';
import { GroupedSelect } from '../components/grouped-select';

/** A setting with a few named values. */
export function ChoiceControl({ name }: { name: ChoiceFieldName }) {
  const value = useSettings((state) => choiceOf(name, state));
  const { label, choices } = CHOICE_FIELDS[name];
  return (
    <div className="settings-row">
      <span className="settings-label">{label}</span>
      <GroupedSelect
        label={label}
        value={value}
        choices={choices.map((choice) => ({ ...choice, group: label }))}
        onChange={(chosen) => changeSettings({ [name]: chosen })}
      />
    </div>
  );
}
