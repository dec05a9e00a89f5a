import { HardDriveDownload, LoaderCircle, Trash2 } from 'lucide-react';
import { useShallow } from 'zustand/react/shallow';
import { useEngine } from '../../store/engine';
import { useJobs } from '../../store/jobs/jobs';
import { testRun } from '../../store/jobs/test-run';
import { measuredDuration } from '../../store/jobs/time-left';
import { chooseVae } from '../../store/library/autoencoders';
import { formatDefaults, formatPlace, formatRecord } from '../../store/library/labels';
import { entriesOf, type LibraryEntry, removeRecord, useLibrary } from '../../store/library/library';
import { keepCopy } from '../../store/library/maintenance';
import { cancelLoading } from '../../store/library/models';
import { choosePrediction, openEntry } from '../../store/library/open-entry';
import { STARTER_ID } from '../../store/library/starter';
import { GroupedSelect } from '../components/grouped-select';
import { IconButton } from '../components/icon-button';
import { PredictionChoice } from './prediction-choice';
import { TestPicture } from './test-picture';
import './model-card.css';

/** Stands for the autoencoder that came with the model. */
const OWN = 'own';

/** A model that is known: what it is, where it lies, and what can be done with it. */
export function ModelCard({ entry: { record, access } }: { entry: LibraryEntry }) {
  const { id, name, facts, place, test } = record;
  const open = useEngine((state) => (state.model?.id === id ? state.model.info : undefined));
  const defaults = open?.defaults ?? facts?.defaults;
  const about = formatRecord({
    ...record,
    facts: { ...facts, architecture: open?.architecture ?? facts?.architecture },
  });
  return (
    <li className="model-card" data-open={open ? '' : undefined} aria-current={open ? 'true' : undefined}>
      <TestPicture record={record} />
      <div className="model-facts">
        <h3 title={name}>
          <span>{name}</span>
          {open && <span className="model-badge">Open</span>}
        </h3>
        {about && <p>{about}</p>}
        {(defaults || place.kind !== 'bundled') && <p>{defaults ? formatDefaults(defaults) : 'Not opened yet'}</p>}
        <p className="model-place" data-access={access}>
          {formatPlace(place, access)}
        </p>
        {test && (
          <p>
            Test run: {test.steps} steps of {test.width} × {test.height} in {measuredDuration(test.totalMs)}
          </p>
        )}
        {open?.warnings.map((warning) => (
          <p key={warning} className="model-warning">
            {warning}
          </p>
        ))}
      </div>
      <ModelOptions entry={{ record, access }} />
      <ModelActions entry={{ record, access }} />
    </li>
  );
}

/** What can be done with a model. */
function ModelActions({ entry: { record, access } }: { entry: LibraryEntry }) {
  const { id, name, place } = record;
  const open = useEngine(({ model }) => model?.id === id);
  const loading = useEngine(({ status }) => status.kind === 'loading' && status.loading.id === id);
  const canCopy =
    (place.kind === 'disk' && place.handle.kind === 'file') || (place.kind === 'dropped' && access === 'ready');
  return (
    <div className="model-actions">
      {!open && (
        <button
          type="button"
          className="button model-open"
          disabled={access === 'drop-again' || loading}
          onClick={() => void openEntry(id)}
        >
          {loading ? (
            <>
              <LoaderCircle className="turning" size={16} aria-hidden="true" />
              Opening …
            </>
          ) : access === 'ask' ? (
            'Allow and open'
          ) : (
            'Open'
          )}
        </button>
      )}
      {loading && (
        <button type="button" className="button" onClick={cancelLoading}>
          Cancel
        </button>
      )}
      <TestButton id={id} disabled={access === 'drop-again'} />
      <span className="model-actions-space" />
      {canCopy && <KeepCopyButton id={id} name={name} />}
      {id !== STARTER_ID && (
        <IconButton icon={Trash2} label={`Remove ${name} from the list`} onClick={() => void removeRecord(id)} />
      )}
    </div>
  );
}

/** What a person chooses for a model: its autoencoder, and what it predicts where its file does not tell. */
function ModelOptions({ entry: { record } }: { entry: LibraryEntry }) {
  const { id, name, facts, choices } = record;
  const vaes = useLibrary(useShallow((state) => entriesOf(['vae', 'tiny-vae'], state)));
  const asksPrediction = facts?.predictionKnown === false;
  const own =
    facts?.hasVae === false ? [] : [{ value: OWN, label: 'Its own', description: 'As it came', group: 'VAE' }];
  const others = vaes.map(({ record: { id: value, name: label, kind } }) => {
    return { value, label, description: kind === 'vae' ? 'Separate file' : 'Tiny: fast and rough', group: 'VAE' };
  });
  const chosen = others.find(({ value }) => value === choices?.vae);
  if (vaes.length === 0 && !asksPrediction) return null;
  return (
    <div className="model-options">
      {vaes.length > 0 && (
        <div className="model-option">
          <span className="settings-label">VAE</span>
          <GroupedSelect
            label={`VAE of ${name}`}
            value={chosen?.value ?? OWN}
            shown={chosen === undefined && own.length === 0 ? 'None' : undefined}
            choices={[...own, ...others]}
            onChange={(value) => void chooseVae(id, value === OWN ? undefined : value)}
          />
        </div>
      )}
      {asksPrediction && (
        <div className="model-option">
          <span className="settings-label">Predicts</span>
          <PredictionChoice
            label={`What ${name} predicts`}
            value={choices?.prediction ?? facts.predictionType ?? 'epsilon'}
            onChange={(prediction) => void choosePrediction(id, prediction)}
          />
        </div>
      )}
    </div>
  );
}

/** Has the model paint a small picture; says how far it is. */
function TestButton({ id, disabled }: { id: string; disabled: boolean }) {
  const queued = useJobs(({ waiting }) => waiting.some(({ parent }) => parent.sink === 'test' && parent.model === id));
  const progress = useJobs(({ painting }) => {
    if (painting?.job.sink !== 'test' || painting.job.model !== id) return undefined;
    return painting.stage === 'decode' ? 'Decoding …' : `Step ${painting.step} of ${painting.of}`;
  });
  const busy = queued || progress !== undefined;
  return (
    <button type="button" className="button" disabled={disabled || busy} onClick={() => void testRun(id)}>
      {progress ?? (queued ? 'Waiting …' : 'Test run')}
    </button>
  );
}

export function KeepCopyButton({ id, name }: { id: string; name: string }) {
  const label = `Keep a copy of ${name} in this browser`;
  return <IconButton icon={HardDriveDownload} label={label} onClick={() => void keepCopy(id)} />;
}
