import { RadioGroup } from 'radix-ui';
import './segments.css';

interface SegmentsProps<T extends string> {
  label: string;
  value: T;
  choices: Readonly<Record<T, string>>;
  onChange(value: T): void;
}

/** A few choices side by side, one of which holds; arrows move between them. */
export function Segments<T extends string>({ label, value, choices, onChange }: SegmentsProps<T>) {
  return (
    <RadioGroup.Root
      className="segments"
      aria-label={label}
      orientation="horizontal"
      value={value}
      onValueChange={(next) => onChange(next as T)}
    >
      {(Object.keys(choices) as T[]).map((choice) => (
        <RadioGroup.Item key={choice} value={choice} className="segment">
          {choices[choice]}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
