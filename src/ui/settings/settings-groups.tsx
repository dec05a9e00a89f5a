import type { ReactNode } from 'react';
import { Adapters } from './adapters';
import { FineSettings } from './fine-settings';
import { SamplerSettings } from './sampler-settings';
import { SeedSettings } from './seed-settings';
import { SizeSettings } from './size-settings';

/** Every setting but the prompts. @param size how the picture's size is chosen */
export function SettingsGroups({ size = <SizeSettings /> }: { size?: ReactNode }) {
  return (
    <>
      <Adapters />
      <SamplerSettings />
      {size}
      <SeedSettings />
      <FineSettings />
    </>
  );
}
