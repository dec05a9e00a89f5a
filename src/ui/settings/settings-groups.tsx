import type { ReactNode } from 'react';
import { Adapters } from './adapters';
import { AdvancedSettings } from './advanced-settings';
import { FieldGroup } from './field-group';
import { SizeSettings } from './size-settings';

/** Every setting but the prompts. @param size how the picture's size is chosen */
export function SettingsGroups({ size = <SizeSettings /> }: { size?: ReactNode }) {
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
      <AdvancedSettings />
    </>
  );
}
