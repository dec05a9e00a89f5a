import type { ReactNode } from 'react';
import type { PaintedFrom } from '../../core/request/applicable';
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
  return (
    <>
      <Adapters />
      <div className="settings-group">
        <FieldGroup group="sampler" />
      </div>
      {size}
      <div className="settings-group">
        <FieldGroup group="seed" />
      </div>
      <AdvancedSettings from={from} />
    </>
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
