import { Tooltip } from 'radix-ui';
import { type PointerEvent, useId } from 'react';
import type { NumberField as NumericField } from '../../core/request/field';
import type { NumberName } from '../../core/request/fields';
import { defaultOf, draftError, setField, useSettings, valueIn } from '../../store/settings/settings';
import { texts } from '../../texts/components';
import { FIELDS } from '../../texts/fields';
import { Hint } from './hint';
import { NumberField } from './number-field';
import { steppedBy } from './stepping';
import { useFineWheel } from './use-fine-wheel';
import './number-control.css';

interface NumberControlProps {
  name: NumberName;
  /** The slider's upper end where the model knows a lower one than the field. */
  sliderMax?: number;
}

/**
 * A number as a slider and a field: drag, type, arrows (Shift ten times, Alt fine), wheel when focused, double-click
 * for the default.
 */
export function NumberControl({ name, sliderMax }: NumberControlProps) {
  const { label, min, max, step, help, ...field }: NumericField = FIELDS[name];
  const value = useSettings((state) => valueIn(name, state));
  const standard = useSettings((state) => defaultOf(name, state));
  const reason = useSettings(({ drafts }) => draftError(name, drafts));
  const id = useId();
  const wheel = useFineWheel<HTMLInputElement>((direction) => setField(name, steppedBy(name, value, direction)));
  const top = Math.max(sliderMax ?? field.sliderMax ?? max, value);
  const filled = ((value - min) / (top - min)) * 100;

  return (
    <Hint text={value === standard ? help : texts.withDefault(help, standard)} side="right">
      <Tooltip.Trigger asChild>
        <div className="number-control" data-invalid={reason === undefined ? undefined : ''}>
          <label className="number-label" htmlFor={`${id}-field`} onDoubleClick={() => setField(name, standard)}>
            {label}
            {value !== standard && <span className="number-changed" aria-hidden="true" />}
          </label>
          <input
            ref={wheel}
            className="number-slider"
            type="range"
            aria-label={label}
            min={min}
            max={top}
            step={step}
            value={value}
            style={{ '--filled': `${filled}%` }}
            onChange={(event) => setField(name, event.currentTarget.valueAsNumber)}
            onKeyDown={(event) => {
              const direction = ARROWS[event.key];
              if (direction === undefined) return;
              event.preventDefault();
              setField(name, steppedBy(name, value, direction, event));
            }}
            onDoubleClick={() => setField(name, standard)}
            onPointerDown={focusOnPress}
          />
          <NumberField id={`${id}-field`} name={name} describedBy={`${id}-help ${id}-reason`} />
          <span id={`${id}-help`} className="visually-hidden">
            {help}
          </span>
          <p id={`${id}-reason`} className="number-reason">
            {reason}
          </p>
        </div>
      </Tooltip.Trigger>
    </Hint>
  );
}

const ARROWS: Readonly<Partial<Record<string, 1 | -1>>> = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 };

/** Safari does not focus a slider that is pressed, and the wheel and arrows need the focus. */
function focusOnPress(event: PointerEvent<HTMLInputElement>): void {
  event.currentTarget.focus();
}
