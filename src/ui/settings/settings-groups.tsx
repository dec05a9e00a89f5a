import { Adapters } from './adapters';
import { FineSettings } from './fine-settings';
import { SamplerSettings } from './sampler-settings';
import { SeedSettings } from './seed-settings';
import { SizeSettings } from './size-settings';

/** Every setting but the prompts. */
export function SettingsGroups() {
  return (
    <>
      <Adapters />
      <SamplerSettings />
      <SizeSettings />
      <SeedSettings />
      <FineSettings />
    </>
  );
}
