import { Cpu } from 'lucide-react';
import { Popover, RadioGroup } from 'radix-ui';
import { useShallow } from 'zustand/react/shallow';
import { resultSize } from '../../core/request/hires';
import { type DevicePreference, type DeviceReport, useEngine } from '../../store/engine';
import { formatBytes } from '../../store/library/labels';
import { forgetShortage, hasShortage, memoryTaken, useMemory } from '../../store/library/memory';
import { preferDevice, preferOnnxruntimeKernels } from '../../store/library/models';
import { usePreferences } from '../../store/settings/preferences';
import { useSettings } from '../../store/settings/settings';
import { KeptNote } from '../app/kept-note';
import { PopoverPanel } from '../components/popover-panel';
import './device-chip.css';

const CHOICES: readonly { value: DevicePreference; label: string; description: string }[] = [
  { value: 'auto', label: 'Automatic', description: 'The graphics card where it is a real one, else the CPU.' },
  { value: 'webgpu', label: 'WebGPU', description: 'Whatever adapter the browser has, even a software one.' },
  { value: 'wasm', label: 'CPU', description: 'WebAssembly with threads. Works everywhere.' },
];

/** What our kernels do, in words, by the program of onnxruntime's that they stand in for. */
const KERNEL_WORDS: Readonly<Record<string, string>> = {
  Conv2dMM: 'convolutions',
  MatMul: 'matrix products',
  Gemm: 'matrix products',
  GroupNormStats: 'normalisation',
};

/** "Easel’s own kernels compute convolutions, matrix products", and what they do not. */
function kernelSentences({ kernels }: DeviceReport): string[] {
  if (!kernels) return [];
  const words = [...new Set(kernels.own.map((program) => KERNEL_WORDS[program] ?? program))];
  const own = words.length > 0 ? [`Easel’s own kernels compute ${words.join(', ')}.`] : [];
  const recorded = kernels.recordsRuns ? ['A step’s commands are recorded once and repeated.'] : [];
  return [...own, ...recorded, ...kernels.notes];
}

/** "WebGPU · f16 · NVIDIA" or "CPU · 2 threads". */
function deviceText({ provider, precision, name }: DeviceReport): string {
  return provider === 'wasm' ? `CPU · ${name}` : `WebGPU · ${precision === 'float16' ? 'f16' : 'f32'} · ${name}`;
}

/** Which device paints and why, and the choice of another. */
export function DeviceChip() {
  const device = useEngine((state) => state.model?.device);
  const preference = usePreferences((state) => state.device);
  const onnxruntimeKernels = usePreferences((state) => state.onnxruntimeKernels);
  return (
    <Popover.Root>
      <Popover.Trigger className="chip" data-testid="device">
        <Cpu size={14} aria-hidden="true" />
        <span>{device ? deviceText(device) : 'Device'}</span>
      </Popover.Trigger>
      <PopoverPanel label="Device" align="end">
        <h2>Painting on {device ? deviceText(device) : '…'}</h2>
        {device && <p>{[device.reason, ...kernelSentences(device)].join(' ')}</p>}
        <MemoryTaken />
        {device && <Shortage device={device} />}
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
        <label className="device-kernels">
          <input
            type="checkbox"
            checked={onnxruntimeKernels}
            onChange={(event) => void preferOnnxruntimeKernels(event.currentTarget.checked)}
          />
          <span>
            onnxruntime’s own kernels
            <span className="device-description">Slower. For when pictures look wrong on this graphics card.</span>
          </span>
        </label>
        <KeptNote />
      </PopoverPanel>
    </Popover.Root>
  );
}

/** What a picture of the form's size takes, with the model that is open. */
function MemoryTaken() {
  const model = useEngine((state) => state.model);
  const { width, height } = useSettings(useShallow(({ values }) => resultSize(values)));
  const taken = model && memoryTaken(model, { width, height });
  if (!taken) return null;
  return (
    <p>
      A picture of {width} × {height} takes about {formatBytes(taken.bytes)} of memory
      {taken.plan === 'together' ? '' : ', with the model’s parts loaded in turn'}.
    </p>
  );
}

/** What failed here once may fit again, when other programs have gone. */
function Shortage({ device }: { device: DeviceReport }) {
  const isShort = useMemory((state) => hasShortage(device, state));
  if (!isShort) return null;
  return (
    <p>
      Something did not fit into this device’s memory before, so parts of models may take turns, which is slower.{' '}
      <button type="button" className="button" onClick={() => forgetShortage(device)}>
        Try everything together again
      </button>
    </p>
  );
}
