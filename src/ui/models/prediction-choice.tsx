import { RadioGroup } from 'radix-ui';
import type { PredictionType } from '../../store/engine';
import { PREDICTION_NAMES } from '../../store/library/labels';
import './prediction-choice.css';

/** Models that predict the picture itself come in folders, which say so. */
const TYPES: readonly PredictionType[] = ['epsilon', 'v_prediction'];

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
