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
import { sentenceText } from '../../texts/errors';
import { texts } from '../../texts/models';
import { KeptNote } from '../app/kept-note';
import { PopoverPanel } from '../components/popover-panel';
import './device-chip.css';

const CHOICES: readonly { value: DevicePreference; label: string; description: string }[] = [
  { value: 'auto', label: texts.automatic, description: texts.automaticHelp },
  { value: 'webgpu', label: texts.webgpu, description: texts.webgpuHelp },
  { value: 'wasm', label: texts.cpu, description: texts.cpuHelp },
];

/** What our kernels do, in words, by the program of onnxruntime's that they stand in for. */
const KERNEL_WORDS: Readonly<Record<string, string>> = {
  Conv2dMM: texts.convolutions,
  MatMul: texts.matrixProducts,
  Gemm: texts.matrixProducts,
  FlashAttention: texts.attention,
  GroupNormStats: texts.normalisation,
};

/** "Easel’s own kernels compute convolutions, matrix products", and what they do not. */
function kernelSentences({ kernels }: DeviceReport): string[] {
  if (!kernels) return [];
  const words = [...new Set(kernels.own.map((program) => KERNEL_WORDS[program] ?? program))];
  const own = words.length > 0 ? [texts.ownKernels(words)] : [];
  const recorded = kernels.recordsRuns ? [texts.runsRecorded] : [];
  return [...own, ...recorded, ...kernels.notes.map(sentenceText)];
}

/** "WebGPU · f16 · NVIDIA" or "CPU · 2 threads". */
function deviceText({ provider, precision, name, threads }: DeviceReport): string {
  return provider === 'wasm' ? texts.onCpu(threads) : texts.onWebgpu(precision === 'float16' ? 'f16' : 'f32', name);
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
        <span>{device ? deviceText(device) : texts.device}</span>
      </Popover.Trigger>
      <PopoverPanel label={texts.device} align="end">
        <h2>{texts.paintingOn(device ? deviceText(device) : '…')}</h2>
        {device && <p>{[sentenceText(device.reason), ...kernelSentences(device)].join(' ')}</p>}
        <MemoryTaken />
        {device && <Shortage device={device} />}
        <RadioGroup.Root
          className="device-choices"
          aria-label={texts.runOn}
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
            {texts.onnxruntimeKernels}
            <span className="device-description">{texts.onnxruntimeKernelsHelp}</span>
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
      {taken.plan === 'together'
        ? texts.memoryTaken(width, height, formatBytes(taken.bytes))
        : texts.memoryTakenInTurn(width, height, formatBytes(taken.bytes))}
    </p>
  );
}

/** What failed here once may fit again, when other programs have gone. */
function Shortage({ device }: { device: DeviceReport }) {
  const isShort = useMemory((state) => hasShortage(device, state));
  if (!isShort) return null;
  return (
    <p>
      {texts.partsTakeTurns}{' '}
      <button type="button" className="button" onClick={() => forgetShortage(device)}>
        {texts.tryTogether}
      </button>
    </p>
  );
}
