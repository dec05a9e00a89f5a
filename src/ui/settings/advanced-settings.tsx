import { ChevronRight } from 'lucide-react';
import { Fragment } from 'react';
import { samplerEntry } from '../../core/diffusion/samplers/index';
import { isPictured, type PaintedFrom } from '../../core/request/applicable';
import type { FieldGroup as Group } from '../../core/request/field';
import { fieldsOfGroup } from '../../core/request/fields';
import { isChanged, useSettings } from '../../store/settings/settings';
import { labelOfChoice } from '../../texts/fields';
import { texts } from '../../texts/settings';
import { FieldGroup } from './field-group';
import './advanced-settings.css';

/** The groups by their headings; the sampler's options have its name. */
const GROUPS = {
  variation: texts.variation,
  prompt: texts.prompt,
  guidance: texts.guidance,
  noise: texts.noise,
  schedule: texts.schedule,
} as const;

const ADVANCED: readonly Group[] = ['sampler-options', ...(Object.keys(GROUPS) as (keyof typeof GROUPS)[])];

/**
 * What only some people turn: the finer points of painting from a picture, the sampler's own options, the guidance's,
 * the noise's and the schedule's. Folded away at first.
 */
export function AdvancedSettings({ from }: { from: PaintedFrom }) {
  const sampler = useSettings(({ values }) => values.sampler);
  const pictured = isPictured(from);
  const names = (pictured ? (['picture-details', ...ADVANCED] as const) : ADVANCED).flatMap(fieldsOfGroup);
  const changed = useSettings((state) => names.some((name) => isChanged(name, state)));
  const { options } = samplerEntry(sampler);
  return (
    <details className="advanced">
      <summary>
        <ChevronRight size={14} aria-hidden="true" />
        {texts.advancedSettings}
        {changed && (
          <span className="number-changed">
            <span className="visually-hidden">{texts.someAreNotDefaults}</span>
          </span>
        )}
      </summary>
      <div className="settings-group">
        {pictured && (
          <>
            <h3 className="settings-heading">{from === 'mask' ? texts.pictureAndMask : texts.picture}</h3>
            <FieldGroup group="picture-details" from={from} />
          </>
        )}
        {Object.keys(options).length > 0 && <h3 className="settings-heading">{labelOfChoice('sampler', sampler)}</h3>}
        <FieldGroup group="sampler-options" />
        {(Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map((group) => (
          <Fragment key={group}>
            <h3 className="settings-heading">{GROUPS[group]}</h3>
            <FieldGroup group={group} />
          </Fragment>
        ))}
      </div>
    </details>
  );
}
