import { Dices, Lock, Recycle } from 'lucide-react';
import { useId } from 'react';
import { FIELDS, RANDOM_SEED } from '../../core/request/fields';
import { newestResult, useGallery } from '../../store/gallery/gallery';
import { drawSeed } from '../../store/jobs/seeds';
import { changeSettings, draftError, useSettings } from '../../store/settings/settings';
import { IconButton } from '../components/icon-button';
import { NumberField } from '../components/number-field';
import './seed-control.css';

/** The seed: random (-1), the last picture's, or a fixed one. */
export function SeedControl() {
  const seed = useSettings(({ values }) => values.seed);
  const last = useGallery((state) => newestResult(state)?.record.request.seed);
  const reason = useSettings(({ drafts }) => draftError('seed', drafts));
  const id = useId();
  return (
    <>
      <div className="settings-row">
        <label className="settings-label" htmlFor={`${id}-field`}>
          Seed
        </label>
        <div className="seed">
          <NumberField id={`${id}-field`} name="seed" describedBy={`${id}-help ${id}-reason`} />
          <IconButton
            icon={Dices}
            label="Random seed each time"
            pressed={seed === RANDOM_SEED}
            onClick={() => changeSettings({ seed: RANDOM_SEED })}
          />
          <IconButton
            icon={Recycle}
            label="Seed of the last picture"
            disabled={last === undefined}
            onClick={() => last !== undefined && changeSettings({ seed: last })}
          />
          <IconButton
            icon={Lock}
            label="Keep one seed"
            pressed={seed !== RANDOM_SEED}
            onClick={() => changeSettings({ seed: seed === RANDOM_SEED ? (last ?? drawSeed()) : RANDOM_SEED })}
          />
        </div>
      </div>
      <span id={`${id}-help`} className="visually-hidden">
        {FIELDS.seed.help}
      </span>
      <p id={`${id}-reason`} className="number-reason">
        {reason}
      </p>
    </>
  );
}
