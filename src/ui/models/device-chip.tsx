import { Cpu } from 'lucide-react';
import { Popover, RadioGroup } from 'radix-ui';
import { type DevicePreference, type DeviceReport, useEngine } from '../../store/engine';
import { preferDevice } from '../../store/models';
import { usePreferences } from '../../store/preferences';
import './device-chip.css';

const CHOICES: readonly { value: DevicePreference; label: string; description: string }[] = [
  { value: 'auto', label: 'Automatic', description: 'The graphics card where it is a real one, else the CPU.' },
  { value: 'webgpu', label: 'WebGPU', description: 'Whatever adapter the browser has, even a software one.' },
  { value: 'wasm', label: 'CPU', description: 'WebAssembly with threads. Works everywhere.' },
];

/** "WebGPU · f16 · NVIDIA" or "CPU · 2 threads". */
function deviceText({ provider, precision, name }: DeviceReport): string {
  return provider === 'wasm' ? `CPU · ${name}` : `WebGPU · ${precision === 'float16' ? 'f16' : 'f32'} · ${name}`;
}

/** Which device paints and why, and the choice of another. */
export function DeviceChip() {
  const device = useEngine((state) => state.model?.device);
  const preference = usePreferences((state) => state.device);
  return (
    <Popover.Root>
      <Popover.Trigger className="chip" data-testid="device">
        <Cpu size={14} aria-hidden="true" />
        <span>{device ? deviceText(device) : 'Device'}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover" sideOffset={6} collisionPadding={8} align="end" aria-label="Device">
          <h2>Painting on {device ? deviceText(device) : '…'}</h2>
          {device && <p>{device.reason}</p>}
          <RadioGroup.Root
            className="device-choices"
            aria-label="Run on"
            value={preference}
            onValueChange={(value) => void preferDevice(value as DevicePreference)}
          >
            {CHOICES.map(({ value, label, description }) => (
              <RadioGroup.Item key={value} value={value} className="device-choice" aria-label={label}>
                <span className="device-dot" aria-hidden="true" />
                <span>
                  {label}
                  <span className="device-description">{description}</span>
                </span>
              </RadioGroup.Item>
            ))}
          </RadioGroup.Root>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
