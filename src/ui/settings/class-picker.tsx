import { ChevronDown } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useMemo, useState } from 'react';
import { FIELDS } from '../../core/request/fields';
import { setField, useSettings, valueIn } from '../../store/settings/settings';
import { texts } from '../../texts/settings';
import { NumberControl } from '../components/number-control';
import { PopoverPanel } from '../components/popover-panel';
import { SearchList } from '../components/search-list';
import './class-picker.css';

interface ClassPickerProps {
  /** How many classes the model has. */
  classes: number;
  /** What they are called, where the model says it. */
  names?: readonly string[];
}

/** What is to be painted, of the classes that the model was trained on: in the prompt's place. */
export function ClassPicker({ classes, names }: ClassPickerProps) {
  const value = useSettings((state) => valueIn('classLabel', state));
  if (!names) return <NumberControl name="classLabel" sliderMax={classes - 1} />;
  return <NamedClass names={names} value={value} onChange={(label) => setField('classLabel', label)} />;
}

interface NamedClassProps {
  names: readonly string[];
  /** The label of the chosen one. */
  value: number;
  onChange(label: number): void;
}

/** A class by its name. */
export function NamedClass({ names, value, onChange }: NamedClassProps) {
  const [open, setOpen] = useState(false);
  const { label } = FIELDS.classLabel;
  const items = useMemo(
    () => names.map((name, id) => ({ id: String(id), label: texts.classNamed(id, name), group: label })),
    [names, label],
  );
  const chosen = names[value] === undefined ? String(value) : texts.classNamed(value, names[value]);
  return (
    <div className="settings-row">
      <span className="settings-label">{label}</span>
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger className="button class-picker" aria-label={texts.chosenClass(chosen)} data-field="classLabel">
          <span>{chosen}</span>
          <ChevronDown size={14} aria-hidden="true" />
        </Popover.Trigger>
        <PopoverPanel label={label} align="start">
          <SearchList
            label={texts.searchClasses}
            items={items}
            onChoose={(id) => {
              setOpen(false);
              onChange(Number(id));
            }}
          />
        </PopoverPanel>
      </Popover.Root>
    </div>
  );
}
