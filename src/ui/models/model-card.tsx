import { HardDriveDownload, LoaderCircle, Trash2 } from 'lucide-react';
import { memo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { useEngine } from '../../store/engine';
import { useJobs } from '../../store/jobs/jobs';
import { testRun } from '../../store/jobs/test-run';
import { measuredDuration } from '../../store/jobs/time-left';
import { chooseVae } from '../../store/library/autoencoders';
import {
  formatBytes,
  formatDaysAgo,
  formatDefaults,
  formatPlace,
  formatRecord,
  formatSource,
} from '../../store/library/labels';
import { entriesOf, type LibraryEntry, removeRecord, useLibrary } from '../../store/library/library';
import type { Access } from '../../store/library/library-files';
import { type LibraryRecord, type ModelFacts, type Place, VAE_KINDS } from '../../store/library/library-record';
import { keepCopy, useMaintenance } from '../../store/library/maintenance';
import { cancelLoading } from '../../store/library/models';
import { chooseClassifier, choosePrediction, openEntry } from '../../store/library/open-entry';
import { STARTER_BYTES, STARTER_ID, STARTER_LICENCE } from '../../store/library/starter';
import { sentenceText } from '../../texts/errors';
import { texts } from '../../texts/models';
import { GroupedSelect } from '../components/grouped-select';
import { IconButton } from '../components/icon-button';
import { DamageLine, RepairButton } from './damage';
import { FitLine } from './fit-line';
import { PredictionChoice } from './prediction-choice';
import { TestPicture } from './test-picture';
import { ThingMenu, taskWords } from './thing-menu';
import { useStored } from './use-stored';
import './model-card.css';

/** Stands for the autoencoder that came with the model. */
const OWN = 'own';

/** A model that is known: what it is, where it lies, and what can be done with it. Drawn again when it changes only. */
export const ModelCard = memo(function ModelCard({ entry: { record, access } }: { entry: LibraryEntry }) {
  const { id, name, facts, place, test, choices } = record;
  const open = useEngine((state) => (state.model?.id === id ? state.model.info : undefined));
  const defaults = open?.defaults ?? facts?.defaults;
  const own = choices?.defaults;
  return (
    <li className="model-card" data-open={open ? '' : undefined} aria-current={open ? 'true' : undefined}>
      <TestPicture record={record} />
      <div className="model-facts">
        <h3 title={name}>
          <span>{name}</span>
          {open && <span className="model-badge">{texts.inUse}</span>}
        </h3>
        <FilesLine record={record} architecture={open?.architecture ?? facts?.architecture} />
        {(defaults || place.kind !== 'bundled') && (
          <p>{defaults ? (own ? texts.yours : String)(formatDefaults({ ...defaults, ...own })) : texts.notOpenedYet}</p>
        )}
        {!defaults && facts?.shape && (
          <p>
            <FitLine shape={facts.shape} />
          </p>
        )}
        <PlaceLine entry={{ record, access }} />
        <SourceLine record={record} />
        {test && <p>{texts.testRunFacts({ ...test, time: measuredDuration(test.totalMs) })}</p>}
        {open?.warnings.map(sentenceText).map((warning) => (
          <p key={warning} className="model-warning">
            {warning}
          </p>
        ))}
        <DamageLine record={record} />
      </div>
      <ModelOptions entry={{ record, access }} />
      <ModelActions entry={{ record, access }} />
    </li>
  );
});

/** Its family and how large it is; what of it other models have too. */
function FilesLine({ record, architecture }: { record: LibraryRecord; architecture: ModelFacts['architecture'] }) {
  const shared = useStored(record, ({ bytes, ownBytes }) => bytes - ownBytes) ?? 0;
  const bytes = record.place.kind === 'bundled' ? STARTER_BYTES : record.bytes;
  const about = formatRecord({ bytes, facts: { ...record.facts, architecture } });
  if (!about) return null;
  return <p>{shared > 0 ? texts.withShared(about, formatBytes(shared)) : about}</p>;
}

/** Where it lies and when it was used; while something is being done with its files, how far that is. */
export function PlaceLine({ entry: { record, access } }: { entry: LibraryEntry }) {
  const { id, place, usedAt } = record;
  const task = useMaintenance(({ tasks }) => tasks[id]);
  const used = usedAt > 0 && place.kind !== 'bundled' && texts.usedWhen(formatDaysAgo(usedAt, Date.now()));
  return (
    <p className="model-place" data-access={access}>
      {task ? taskWords(task) : [formatPlace(place, access), used].filter(Boolean).join(' · ')}
    </p>
  );
}

/** Where it came from, and its licence. */
function SourceLine({ record }: { record: LibraryRecord }) {
  const origin = useStored(record, (stored) => stored.origin);
  if (record.place.kind === 'bundled') return <p className="model-source">{texts.licence(STARTER_LICENCE)}</p>;
  if (!origin) return null;
  return (
    <p className="model-source">
      {origin.licence && `${texts.licence(origin.licence)} · `}
      <a href={origin.page} target="_blank" rel="noreferrer">
        {formatSource(origin.page)}
      </a>
    </p>
  );
}

/** What can be done with a model. */
function ModelActions({ entry: { record, access } }: { entry: LibraryEntry }) {
  const { id, name, place } = record;
  const open = useEngine(({ model }) => model?.id === id);
  const loading = useEngine(({ status }) => status.kind === 'loading' && status.loading.id === id);
  const isDamaged = useStored(record, ({ missing }) => missing.length > 0);
  return (
    <div className="model-actions">
      <RepairButton record={record} />
      {!open && !isDamaged && (
        <button
          type="button"
          className="button model-open"
          disabled={access === 'drop-again' || loading}
          onClick={() => void openEntry(id)}
        >
          {loading ? (
            <>
              <LoaderCircle className="turning" size={16} aria-hidden="true" />
              {texts.opening}
            </>
          ) : access === 'ask' ? (
            texts.allowAndOpen
          ) : (
            texts.open
          )}
        </button>
      )}
      {loading && (
        <button type="button" className="button" onClick={cancelLoading}>
          {texts.cancel}
        </button>
      )}
      <TestButton id={id} disabled={access === 'drop-again'} />
      <span className="model-actions-space" />
      {canKeep(place, access) && <KeepCopyButton id={id} name={name} />}
      <ThingMenu record={record} />
      {id !== STARTER_ID && (
        <IconButton icon={Trash2} label={texts.remove(name)} onClick={() => void removeRecord(id)} />
      )}
    </div>
  );
}

/** What a person chooses for a model: its autoencoder, and what it predicts where its file does not tell. */
function ModelOptions({ entry: { record } }: { entry: LibraryEntry }) {
  const { id, name, facts, choices } = record;
  const vaes = useLibrary(useShallow((state) => entriesOf(VAE_KINDS, state)));
  const guides = useLibrary(useShallow((state) => entriesOf(['classifier'], state)));
  const classifiers = facts?.pixels ? guides : [];
  const asksPrediction = facts?.predictionKnown === false;
  const own =
    facts?.hasVae === false ? [] : [{ value: OWN, label: texts.itsOwn, description: texts.asItCame, group: texts.vae }];
  const others = vaes.map(({ record: { id: value, name: label, kind } }) => {
    return { value, label, description: kind === 'vae' ? texts.separateFile : texts.tinyVae, group: texts.vae };
  });
  const chosen = others.find(({ value }) => value === choices?.vae);
  if (vaes.length === 0 && classifiers.length === 0 && !asksPrediction) return null;
  return (
    <div className="model-options">
      {vaes.length > 0 && (
        <div className="model-option">
          <span className="settings-label">{texts.vae}</span>
          <GroupedSelect
            label={texts.vaeOf(name)}
            value={chosen?.value ?? OWN}
            shown={chosen === undefined && own.length === 0 ? texts.none : undefined}
            choices={[...own, ...others]}
            onChange={(value) => void chooseVae(id, value === OWN ? undefined : value)}
          />
        </div>
      )}
      {classifiers.length > 0 && <ClassifierChoice record={record} classifiers={classifiers} />}
      {asksPrediction && (
        <div className="model-option">
          <span className="settings-label">{texts.predicts}</span>
          <PredictionChoice
            label={texts.whatItPredicts(name)}
            value={choices?.prediction ?? facts.predictionType ?? 'epsilon'}
            onChange={(prediction) => void choosePrediction(id, prediction)}
          />
        </div>
      )}
    </div>
  );
}

/** The classifier that guides a model of pixels, of those that are known. */
function ClassifierChoice({ record, classifiers }: { record: LibraryRecord; classifiers: readonly LibraryEntry[] }) {
  const { id, name, choices } = record;
  const none = { value: OWN, label: texts.none, description: texts.unguided, group: texts.classifier };
  const known = classifiers.map(({ record: { id: value, name: label } }) => {
    return { value, label, description: texts.guidesToClass, group: texts.classifier };
  });
  const chosen = known.find(({ value }) => value === choices?.classifier);
  return (
    <div className="model-option">
      <span className="settings-label">{texts.classifier}</span>
      <GroupedSelect
        label={texts.classifierOf(name)}
        value={chosen?.value ?? OWN}
        choices={[none, ...known]}
        onChange={(value) => void chooseClassifier(id, value === OWN ? undefined : value)}
      />
    </div>
  );
}

/** Has the model paint a small picture; says how far it is. */
function TestButton({ id, disabled }: { id: string; disabled: boolean }) {
  const queued = useJobs(({ waiting }) => waiting.some(({ parent }) => parent.sink === 'test' && parent.model === id));
  const progress = useJobs(({ painting }) => {
    if (painting?.job.sink !== 'test' || painting.job.model !== id) return undefined;
    return painting.stage === 'decode' ? texts.decoding : texts.stepOf(painting.step, painting.of);
  });
  const busy = queued || progress !== undefined;
  return (
    <button type="button" className="button" disabled={disabled || busy} onClick={() => void testRun(id)}>
      {progress ?? (queued ? texts.waiting : texts.testRun)}
    </button>
  );
}

/** Whether the browser could keep a copy of what lies elsewhere. */
export function canKeep(place: Place, access: Access): boolean {
  return place.kind === 'disk' || (place.kind === 'dropped' && access === 'ready');
}

export function KeepCopyButton({ id, name }: { id: string; name: string }) {
  const isBusy = useMaintenance(({ tasks }) => tasks[id] !== undefined);
  const label = texts.keepCopyOf(name);
  return <IconButton icon={HardDriveDownload} label={label} disabled={isBusy} onClick={() => void keepCopy(id)} />;
}
