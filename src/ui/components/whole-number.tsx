import { useId, useState } from 'react';
import './number-control.css';
import './number-field.css';
import './whole-number.css';

interface WholeNumberProps {
  label: string;
  value: number;
  min: number;
  max: number;
  /** The slider's upper end where the field's own limit would make it too coarse. */
  sliderMax?: number;
  onChange(value: number): void;
}

/**
 * A whole number that is no setting of a picture, as a slider and a field. What cannot stand is marked, changes nothing
 * and goes when the field is left.
 */
export function WholeNumber({ label, value, min, max, sliderMax, onChange }: WholeNumberProps) {
  const id = useId();
  const top = Math.max(sliderMax ?? max, value);
  const [draft, setDraft] = useState<string>();
  const type = (text: string) => {
    const next = text === '' ? Number.NaN : Number(text);
    const stands = Number.isInteger(next) && next >= min && next <= max;
    setDraft(stands ? undefined : text);
    if (stands) onChange(next);
  };
  return (
    <div className="number-control">
      <label className="number-label" htmlFor={id}>
        {label}
      </label>
      <input
        className="number-slider"
        type="range"
        aria-label={label}
        min={min}
        max={top}
        value={value}
        style={{ '--filled': `${((value - min) / (top - min)) * 100}%` }}
        onChange={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
      <input
        id={id}
        className="number-field whole-number-field"
        type="number"
        min={min}
        max={max}
        value={draft ?? value}
        aria-invalid={draft !== undefined}
        onChange={(event) => type(event.currentTarget.value)}
        onBlur={() => setDraft(undefined)}
      />
    </div>
  );
}
