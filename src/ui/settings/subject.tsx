import { useEngine } from '../../store/engine';
import { useGallery } from '../../store/gallery/gallery';
import { texts } from '../../texts/settings';
import { ChosenStyles } from '../studio/chosen-styles';
import { ClassPicker } from './class-picker';
import { ExamplesMenu } from './examples-menu';
import { NegativePrompt } from './negative-prompt';
import { PromptField } from './prompt-field';
import { SettingsMenu } from './settings-menu';
import './subject.css';

/** What says what to paint: the prompts, or what stands in their place with a model that reads no text. */
export function Subject() {
  const info = useEngine((state) => state.model?.info);
  if (!info || info.conditioning === 'text') return <Prompts />;
  return (
    <div className="subject">
      <SettingsMenu />
      {info.classes === undefined ? (
        <p className="subject-none">{info.spatial ? texts.makesLarger : texts.paintsWithoutWords}</p>
      ) : (
        <ClassPicker classes={info.classes} names={info.classNames} />
      )}
    </div>
  );
}

function Prompts() {
  // Before the first picture the stage offers them.
  const painted = useGallery(({ ids }) => ids.length > 0);
  return (
    <>
      <PromptField field="prompt" />
      {painted && <ExamplesMenu />}
      <NegativePrompt />
      <ChosenStyles />
    </>
  );
}
