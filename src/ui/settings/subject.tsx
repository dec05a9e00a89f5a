import type { ModelInfo } from '../../engine/protocol';
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
        <p className="subject-none">{aboutPainting(info)}</p>
      ) : (
        <ClassPicker classes={info.classes} names={info.classNames} />
      )}
    </div>
  );
}

/** What decides what is painted by a model that neither words nor classes do. */
function aboutPainting({ spatial, mapClasses = 1 }: ModelInfo): string {
  if (spatial === 'class-map') return texts.paintsMaps(mapClasses - 1);
  return spatial ? texts.makesLarger : texts.paintsWithoutWords;
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
