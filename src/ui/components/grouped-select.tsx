import { Check, ChevronDown } from 'lucide-react';
import { Select } from 'radix-ui';
import './grouped-select.css';

interface Choice<T extends string> {
  value: T;
  label: string;
  /** One line under the label. */
  description: string;
  /** Under which heading, where there are several. */
  group?: string;
}

interface GroupedSelectProps<T extends string> {
  label: string;
  value: T;
  /** What the closed list says, where it is more than the choice's label. */
  shown?: string;
  choices: readonly Choice<T>[];
  onChange(value: T): void;
}

/** A list of described choices under group headings; typing finds them. */
export function GroupedSelect<T extends string>({ label, value, shown, choices, onChange }: GroupedSelectProps<T>) {
  const groups = Map.groupBy(choices, ({ group }) => group);
  const current = choices.find((choice) => choice.value === value);
  return (
    <Select.Root value={value} onValueChange={(next) => onChange(next as T)}>
      <Select.Trigger className="select-trigger" aria-label={label}>
        <Select.Value>{shown ?? current?.label}</Select.Value>
        <Select.Icon asChild>
          <ChevronDown size={14} aria-hidden="true" />
        </Select.Icon>
      </Select.Trigger>
      <Select.Portal>
        <Select.Content className="select-list" position="popper" sideOffset={4} collisionPadding={8}>
          <Select.Viewport>
            {Array.from(groups, ([group, members]) => (
              <Select.Group key={group}>
                {groups.size > 1 && <Select.Label className="select-group">{group}</Select.Label>}
                {members.map((choice) => (
                  <SelectItem key={choice.value} {...choice} />
                ))}
              </Select.Group>
            ))}
          </Select.Viewport>
        </Select.Content>
      </Select.Portal>
    </Select.Root>
  );
}

function SelectItem<T extends string>({ value, label, description }: Choice<T>) {
  return (
    <Select.Item value={value} textValue={label} className="select-item">
      <span>
        <Select.ItemText>{label}</Select.ItemText>
        <span className="select-description">{description}</span>
      </span>
      <Select.ItemIndicator>
        <Check size={14} aria-hidden="true" />
      </Select.ItemIndicator>
    </Select.Item>
  );
}
