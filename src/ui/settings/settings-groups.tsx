import type { ReactNode } from 'react';
import type { PaintedFrom } from '../../core/request/applicable';
import { useEngine } from '../../store/engine';
import { texts } from '../../texts/settings';
import { Adapters } from './adapters';
import { AdvancedSettings } from './advanced-settings';
import { FieldGroup } from './field-group';
import { HiresSettings } from './hires-settings';
import { SizeSettings } from './size-settings';

interface SettingsGroupsProps {
  /** How the picture's size is chosen. */
  size?: ReactNode;
  /** What is painted from. */
  from?: PaintedFrom;
}

/** Every setting but the prompts. */
export function SettingsGroups({ size = <OwnSize />, from = 'words' }: SettingsGroupsProps) {
  const info = useEngine((state) => state.model?.info);
  return (
    <>
      {(info?.conditioning ?? 'text') === 'text' && <Adapters />}
      <div className="settings-group">
        <FieldGroup group="sampler" />
      </div>
      {info?.fixedSide === undefined ? size : <FixedSize side={info.fixedSide} />}
      <div className="settings-group">
        <FieldGroup group="seed" />
      </div>
      <AdvancedSettings from={from} />
    </>
  );
}

/** Of a model that paints one size. */
function FixedSize({ side }: { side: number }) {
  return (
    <div className="settings-row">
      <span className="settings-label">{texts.size}</span>
      <span>{texts.fixedSize(side)}</span>
    </div>
  );
}

/** The person's own, in one pass or two. */
function OwnSize() {
  return (
    <>
      <SizeSettings />
      <HiresSettings />
    </>
  );
}
