import { Dices, Lock, Recycle } from 'lucide-react';
import { useId } from 'react';
import { RANDOM_SEED } from '../../core/request/fields';
import { newestResult, useGallery } from '../../store/gallery/gallery';
import { drawSeed } from '../../store/jobs/draw-seed';
import { changeSettings, draftError, useSettings, valueIn } from '../../store/settings/settings';
import { FIELDS } from '../../texts/fields';
import { texts } from '../../texts/settings';
import { IconButton } from '../components/icon-button';
import { NumberField } from '../components/number-field';
import './seed-control.css';

/** A seed: random (-1), the last picture's, or a fixed one. */
export function SeedControl({ name }: { name: 'seed' | 'variationSeed' }) {
  const seed = useSettings((state) => valueIn(name, state));
  const last = useGallery((state) => newestResult(state)?.record.request[name]);
  const reason = useSettings(({ drafts }) => draftError(name, drafts));
  const { label, help } = FIELDS[name];
  const said = texts.seeds[name];
  const id = useId();
  return (
    <>
      <div className="settings-row">
        <label className="settings-label" htmlFor={`${id}-field`}>
          {label}
        </label>
        <div className="seed">
          <NumberField id={`${id}-field`} name={name} describedBy={`${id}-help ${id}-reason`} />
          <IconButton
            icon={Dices}
            label={said.random}
            pressed={seed === RANDOM_SEED}
            onClick={() => changeSettings({ [name]: RANDOM_SEED })}
          />
          <IconButton
            icon={Recycle}
            label={said.last}
            disabled={last === undefined}
            onClick={() => last !== undefined && changeSettings({ [name]: last })}
          />
          <IconButton
            icon={Lock}
            label={said.keep}
            pressed={seed !== RANDOM_SEED}
            onClick={() => changeSettings({ [name]: seed === RANDOM_SEED ? (last ?? drawSeed()) : RANDOM_SEED })}
          />
        </div>
      </div>
      <span id={`${id}-help`} className="visually-hidden">
        {help}
      </span>
      <p id={`${id}-reason`} className="number-reason">
        {reason}
      </p>
    </>
  );
}
