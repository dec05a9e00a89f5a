import { ChevronRight } from 'lucide-react';
import { Fragment } from 'react';
import { samplerEntry } from '../../core/diffusion/samplers/index';
import type { FieldGroup as Group } from '../../core/request/field';
import { fieldsOfGroup } from '../../core/request/fields';
import { isChanged, useSettings } from '../../store/settings/settings';
import { FieldGroup } from './field-group';
import './fine-settings.css';

/** The groups by their headings; the sampler's options have its name. */
const GROUPS = { prompt: 'Prompt', guidance: 'Guidance', noise: 'Noise', schedule: 'Schedule' } as const;

const FINE = (['sampler-options', ...Object.keys(GROUPS)] as Group[]).flatMap(fieldsOfGroup);

/**
 * What only some people turn: the sampler's own options, the guidance's, the noise's and the schedule's. Folded away at
 * first.
 */
export function FineSettings() {
  const sampler = useSettings(({ values }) => values.sampler);
  const changed = useSettings((state) => FINE.some((name) => isChanged(name, state)));
  const { options, label } = samplerEntry(sampler);
  return (
    <details className="fine">
      <summary>
        <ChevronRight size={14} aria-hidden="true" />
        Fine settings
        {changed && <span className="number-changed" title="Some are not the defaults" />}
      </summary>
      <div className="settings-group">
        {Object.keys(options).length > 0 && <h3 className="fine-heading">{label}</h3>}
        <FieldGroup group="sampler-options" />
        {(Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map((group) => (
          <Fragment key={group}>
            <h3 className="fine-heading">{GROUPS[group]}</h3>
            <FieldGroup group={group} />
          </Fragment>
        ))}
      </div>
    </details>
  );
}
