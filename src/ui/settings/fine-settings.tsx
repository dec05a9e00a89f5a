import { ChevronRight } from 'lucide-react';
import { samplerEntry } from '../../core/diffusion/samplers/index';
import { CHOICE_FIELDS, type ChoiceFieldName, EXTRA_NUMBERS, TUNING_NUMBERS } from '../../core/request';
import { changeSettings, choiceOf, discardsPenultimate, useSettings } from '../../store/settings';
import { GroupedSelect } from '../components/grouped-select';
import { NumberControl } from '../components/number-control';
import './fine-settings.css';

/** What only some people turn: the sampler's own options, the guidance's, the noise's and the schedule's. Folded away at first. */
export function FineSettings() {
  const sampler = useSettings(({ values }) => values.sampler);
  const { options, ends, label } = samplerEntry(sampler);
  const changed = useSettings(({ values }) =>
    [...TUNING_NUMBERS, ...EXTRA_NUMBERS, ...(Object.keys(CHOICE_FIELDS) as ChoiceFieldName[])].some(
      (name) => values[name] !== undefined,
    ),
  );
  return (
    <details className="fine">
      <summary>
        <ChevronRight size={14} aria-hidden="true" />
        Fine settings
        {changed && <span className="number-changed" title="Some are not the defaults" />}
      </summary>
      <div className="settings-group">
        {Object.keys(options).length > 0 && <h3 className="fine-heading">{label}</h3>}
        {TUNING_NUMBERS.filter((name) => name in options).map((name) => (
          <NumberControl key={name} name={name} sliderMax={name === 'sTmax' ? 20 : undefined} />
        ))}
        {'unipcVariant' in options && <ChoiceControl name="unipcVariant" />}
        {'varianceType' in options && <ChoiceControl name="varianceType" />}
        <h3 className="fine-heading">Guidance</h3>
        <NumberControl name="guidanceRescale" />
        <NumberControl name="guidanceStart" />
        <NumberControl name="guidanceEnd" />
        <h3 className="fine-heading">Noise</h3>
        <ChoiceControl name="noiseSource" />
        <NumberControl name="etaNoiseSeedDelta" sliderMax={65535} />
        {!ends && (
          <>
            <h3 className="fine-heading">Schedule</h3>
            <NumberControl name="sigmaMin" sliderMax={1} />
            <NumberControl name="sigmaMax" sliderMax={40} />
            <NumberControl name="rho" />
            <DiscardPenultimate />
          </>
        )}
      </div>
    </details>
  );
}

function ChoiceControl({ name }: { name: ChoiceFieldName }) {
  const value = useSettings((state) => choiceOf(name, state));
  const { label, choices } = CHOICE_FIELDS[name];
  return (
    <div className="settings-row">
      <span className="settings-label">{label}</span>
      <GroupedSelect
        label={label}
        value={value}
        choices={choices.map((choice) => ({ ...choice, group: label }))}
        onChange={(chosen) => changeSettings({ [name]: chosen })}
      />
    </div>
  );
}

function DiscardPenultimate() {
  const checked = useSettings(discardsPenultimate);
  return (
    <label className="fine-flag" title="One step more is planned and the last noise level but one left out.">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => changeSettings({ discardPenultimate: event.currentTarget.checked })}
      />
      Discard penultimate sigma
    </label>
  );
}
