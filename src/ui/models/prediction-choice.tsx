import { RadioGroup } from 'radix-ui';
import type { PredictionType } from '../../store/engine';
import { PREDICTION_NAMES } from '../../store/library/labels';
import './prediction-choice.css';

const TYPES = Object.keys(PREDICTION_NAMES) as PredictionType[];

interface PredictionChoiceProps {
  label: string;
  value: PredictionType;
  onChange(value: PredictionType): void;
}

/** What a model predicts, where its file does not tell. */
export function PredictionChoice({ label, value, onChange }: PredictionChoiceProps) {
  return (
    <RadioGroup.Root
      className="prediction"
      aria-label={label}
      value={value}
      onValueChange={(chosen) => onChange(chosen as PredictionType)}
    >
      {TYPES.map((type) => (
        <RadioGroup.Item key={type} value={type} className="prediction-type">
          {PREDICTION_NAMES[type]}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
