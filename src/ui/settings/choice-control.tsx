import type { ChoiceField } from '../../core/request/field';
import type { ChoiceName } from '../../core/request/fields';
import type { FieldValue } from '../../core/request/request';
import { setField, useSettings, valueIn } from '../../store/settings/settings';
import { FIELDS } from '../../texts/fields';
import { GroupedSelect } from '../components/grouped-select';

interface ChoiceControlProps {
  name: ChoiceName;
  /** What the closed list says, where it is more than the choice's label. */
  shown?: string;
  /** Choices beyond the field's own. */
  more?: ChoiceField['choices'];
}

/** A setting with a few named values. */
export function ChoiceControl({ name, shown, more = [] }: ChoiceControlProps) {
  const value = useSettings((state) => valueIn(name, state));
  const { label, choices }: ChoiceField = FIELDS[name];
  return (
    <div className="settings-row">
      <span className="settings-label">{label}</span>
      <GroupedSelect
        label={label}
        value={value}
        shown={shown}
        choices={[...choices, ...more]}
        onChange={(chosen) => setField(name, chosen as FieldValue<ChoiceName>)}
      />
    </div>
  );
}
