import { useShallow } from 'zustand/react/shallow';
import { useEngine } from '../../store/engine';
import { choosePreviewDecoder } from '../../store/library/autoencoders';
import { entriesOf, useLibrary } from '../../store/library/library';
import { usePreferences } from '../../store/settings/preferences';
import { texts } from '../../texts/models';
import { GroupedSelect } from '../components/grouped-select';

const ESTIMATE = 'estimate';

/** What decodes the live previews of the open model's kind of latents. */
export function PreviewChoice() {
  const tiny = useLibrary(useShallow((state) => entriesOf(['tiny-vae', 'tiny-decoder'], state)));
  const latentSpace = useEngine((state) => state.model?.info.latentSpace);
  const chosen = usePreferences(({ previewDecoders }) => latentSpace && previewDecoders[latentSpace]);
  if (tiny.length === 0 || !latentSpace) return null;
  const group = texts.livePreviews;
  const estimate = { value: ESTIMATE, label: texts.quickEstimate, description: texts.quickEstimateHelp, group };
  const decoders = tiny.map(({ record: { id: value, name: label } }) => {
    return { value, label, description: texts.sharpPreviewHelp, group };
  });
  const isKnown = decoders.some(({ value }) => value === chosen);
  return (
    <div className="settings-row">
      <span className="settings-label">{group}</span>
      <GroupedSelect
        label={group}
        value={chosen !== undefined && isKnown ? chosen : ESTIMATE}
        choices={[estimate, ...decoders]}
        onChange={(value) => void choosePreviewDecoder(value === ESTIMATE ? undefined : value)}
      />
    </div>
  );
}
