import { splitPrompts } from '../../core/text/composition';
import { unfoldNegative, usePreferences } from '../../store/settings/preferences';
import { useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/settings';
import { PromptField } from './prompt-field';

/**
 * The negative prompt, folded away until it is wanted. What it holds changes the picture, so with text in it it stays
 * open.
 */
export function NegativePrompt() {
  const unfolded = usePreferences((state) => state.negativeOpen);
  const empty = useSettings(({ values }) => values.negativePrompt === '');
  const ignored = useSettings(({ values }) => values.cfgScale === 1 && splitPrompts(values.prompt).length === 1);
  return (
    <PromptField
      field="negativePrompt"
      fold={{ open: unfolded || !empty, locked: !empty, onFold: unfoldNegative }}
      note={ignored ? texts.noEffectAtCfg1 : undefined}
    />
  );
}
