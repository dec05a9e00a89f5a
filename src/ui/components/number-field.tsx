import { FIELDS, type NumberName } from '../../core/request/fields';
import {
  defaultOf,
  draftError,
  leaveNumber,
  setField,
  typeNumber,
  useSettings,
  valueIn,
} from '../../store/settings/settings';
import { steppedBy } from './stepping';
import { useFineWheel } from './use-fine-wheel';
import './number-field.css';

interface NumberFieldProps {
  id: string;
  name: NumberName;
  /** Ids of its help and its reason. */
  describedBy: string;
}

/** The field of a number. What cannot stand is kept as typed, marked, and stops Generate. */
export function NumberField({ id, name, describedBy }: NumberFieldProps) {
  const { min, max } = FIELDS[name];
  const value = useSettings((state) => valueIn(name, state));
  const standard = useSettings((state) => defaultOf(name, state));
  const draft = useSettings(({ drafts }) => drafts[name]);
  const invalid = useSettings(({ drafts }) => draftError(name, drafts) !== undefined);
  const wheel = useFineWheel<HTMLInputElement>((direction) => setField(name, steppedBy(name, value, direction)));

  return (
    <input
      ref={wheel}
      id={id}
      className="number-field"
      role="spinbutton"
      inputMode="decimal"
      autoComplete="off"
      aria-valuemin={min}
      aria-valuemax={max}
      aria-valuenow={value}
      aria-valuetext={draft ?? String(value)}
      aria-invalid={invalid}
      aria-describedby={describedBy}
      data-field={name}
      value={draft ?? String(value)}
      onChange={(event) => typeNumber(name, event.currentTarget.value)}
      onBlur={() => leaveNumber(name)}
      onDoubleClick={() => setField(name, standard)}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
        event.preventDefault();
        setField(name, steppedBy(name, value, event.key === 'ArrowUp' ? 1 : -1, event));
      }}
    />
  );
}
