import { useGallery } from '../../store/gallery';
import { useSettings } from '../../store/settings';
import { ExamplePrompts } from './example-prompts';
import { FineSettings } from './fine-settings';
import { GenerateButton } from './generate-button';
import { PromptField } from './prompt-field';
import { SamplerSettings } from './sampler-settings';
import { SeedSettings } from './seed-settings';
import { SizeSettings } from './size-settings';
import './settings-column.css';

/** Everything that says what to paint, and the button that does it. */
export function SettingsColumn() {
  // Before the first picture the stage offers them.
  const painted = useGallery(({ results }) => results.length > 0);
  const empty = useSettings(({ values }) => values.prompt === '');
  const offersExamples = painted && empty;
  return (
    <section className="settings" aria-label="Settings">
      <div className="settings-scroll">
        <PromptField field="prompt" />
        {offersExamples && <ExamplePrompts />}
        <PromptField field="negativePrompt" />
        <SamplerSettings />
        <SizeSettings />
        <SeedSettings />
        <FineSettings />
      </div>
      <GenerateButton />
    </section>
  );
}
