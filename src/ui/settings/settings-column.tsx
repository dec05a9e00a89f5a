import { GenerateButton } from './generate-button';
import { PromptField } from './prompt-field';
import { SamplerSettings } from './sampler-settings';
import { SeedSettings } from './seed-settings';
import { SizeSettings } from './size-settings';
import './settings-column.css';

/** Everything that says what to paint, and the button that does it. */
export function SettingsColumn() {
  return (
    <section className="settings" aria-label="Settings">
      <div className="settings-scroll">
        <PromptField field="prompt" />
        <PromptField field="negativePrompt" />
        <SamplerSettings />
        <SizeSettings />
        <SeedSettings />
      </div>
      <GenerateButton />
    </section>
  );
}
