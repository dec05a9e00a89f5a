import { Merge, Split } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import { useState } from 'react';
import type { LoraWeights } from '../../core/text/extra-networks';
import { loraWeights, setLoraWeight } from '../../store/library/adapters';
import { useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/settings';
import { Hint } from '../components/hint';
import { IconButton } from '../components/icon-button';
import './lora-weights.css';

/** How strongly a LoRA acts: one number, or where they are apart, one for the text and one for the UNet. */
export function LoraWeightFields({ name }: { name: string }) {
  const text = useSettings(({ values }) => loraWeights(values.prompt, name)?.textWeight) ?? 1;
  const unet = useSettings(({ values }) => loraWeights(values.prompt, name)?.unetWeight) ?? 1;
  const [split, setSplit] = useState(false);
  const apart = split || text !== unet;
  const set = (weights: Partial<LoraWeights>) =>
    setLoraWeight(name, { textWeight: text, unetWeight: unet, ...weights });
  const join = () => {
    setSplit(false);
    setLoraWeight(name, unet);
  };
  return (
    <div className="lora-weights">
      {apart && (
        <WeightField label={texts.textWeightOf(name)} value={text} onChange={(textWeight) => set({ textWeight })} />
      )}
      <WeightField
        label={apart ? texts.unetWeightOf(name) : texts.weightOf(name)}
        value={unet}
        onChange={(unetWeight) => (apart ? set({ unetWeight }) : setLoraWeight(name, unetWeight))}
      />
      <IconButton
        label={apart ? texts.oneWeight(name) : texts.weightsApart(name)}
        icon={apart ? Merge : Split}
        onClick={apart ? join : () => setSplit(true)}
      />
    </div>
  );
}

interface WeightFieldProps {
  label: string;
  value: number;
  onChange(value: number): void;
}

function WeightField({ label, value, onChange }: WeightFieldProps) {
  return (
    <Hint text={label}>
      <Tooltip.Trigger asChild>
        <input
          className="lora-weight"
          type="number"
          aria-label={label}
          min={-4}
          max={4}
          step={0.05}
          value={value}
          onChange={({ currentTarget: { valueAsNumber } }) => {
            if (Number.isFinite(valueAsNumber)) onChange(valueAsNumber);
          }}
        />
      </Tooltip.Trigger>
    </Hint>
  );
}
