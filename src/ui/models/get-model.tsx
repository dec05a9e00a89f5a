import { Download, Pause, Play, Search, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { CATALOGUE, type CatalogueEntry } from '../../library/catalogue';
import type { DownloadView } from '../../library/download/downloads';
import type { Trouble } from '../../library/trouble';
import {
  cancelDownload,
  type DownloadOffer,
  dismissOffer,
  getEntry,
  getModel,
  giveKey,
  pauseDownload,
  resumeDownload,
  takeOffer,
  useDownloads,
} from '../../store/library/downloads';
import { firstForDevice } from '../../store/library/first-model';
import { formatBytes } from '../../store/library/labels';
import { entriesOf, useLibrary } from '../../store/library/library';
import { useDevice, useMemory } from '../../store/library/memory';
import { forgetKey, shownKeys, useSiteKeys } from '../../store/library/site-keys';
import { texts as goodAt } from '../../texts/catalogue';
import { sentenceText } from '../../texts/errors';
import { texts } from '../../texts/models';
import { IconButton } from '../components/icon-button';
import { Sentence } from '../components/sentence';
import { FitLine } from './fit-line';
import './get-model.css';

/** Models that are known to be worth a download, any other by its address, and what is on its way. */
export function GetModel() {
  const { downloads, asking, problem, choices, offer } = useDownloads();
  return (
    <section className="get-model" aria-label={texts.getAModel}>
      <h3>{texts.getAModel}</h3>
      <AddressForm asking={asking} />
      {problem && <p role="alert">{problem}</p>}
      {choices.length > 0 && (
        <ul aria-label={texts.filesToChooseFrom}>
          {choices.map(({ path, bytes, address }) => (
            <li key={path}>
              <button type="button" className="button" onClick={() => void getModel(address)}>
                {path}
                {bytes !== undefined && ` · ${formatBytes(bytes)}`}
              </button>
            </li>
          ))}
        </ul>
      )}
      {offer && <Offer offer={offer} />}
      {downloads.length > 0 && (
        <ul aria-label={texts.downloads}>
          {downloads.map((view) => (
            <DownloadRow key={view.id} view={view} />
          ))}
        </ul>
      )}
      <KeptKeys />
      <Catalogue asking={asking} />
    </section>
  );
}

/** Size, licence and room, before the first byte. */
function Offer({ offer }: { offer: DownloadOffer }) {
  const { request, bytes, freeBytes, lacksBytes, shape, isUntold } = offer;
  const { licence, page } = request.origin;
  const facts = [bytes === undefined ? texts.sizeNotKnown : formatBytes(bytes)];
  if (freeBytes !== undefined) facts.push(texts.free(formatBytes(freeBytes)));
  return (
    <section className="get-model-offer" aria-label={texts.downloadOf(request.name)}>
      <div className="get-model-words">
        <span className="get-model-name">{request.name}</span>
        <span>
          {facts.join(' · ')} ·{' '}
          <a href={page} target="_blank" rel="noreferrer">
            {licence ? texts.licence(licence) : texts.seeItsLicence}
          </a>
        </span>
        {shape && <FitLine shape={shape} />}
        {isUntold && <span>{texts.needUntold}</span>}
        {lacksBytes > 0 && <span role="alert">{texts.tooLittleRoom(formatBytes(lacksBytes))}</span>}
      </div>
      <button type="button" className="button" disabled={lacksBytes > 0} onClick={() => void takeOffer()}>
        <Download size={16} aria-hidden="true" />
        {texts.download}
      </button>
      <button type="button" className="button" onClick={dismissOffer}>
        {texts.notNow}
      </button>
    </section>
  );
}

function AddressForm({ asking }: { asking: boolean }) {
  const [address, setAddress] = useState('');
  const get = (event: FormEvent) => {
    event.preventDefault();
    void getModel(address);
  };
  return (
    <form className="get-model-address" onSubmit={get}>
      <input
        type="text"
        aria-label={texts.addressOfAModel}
        placeholder={texts.addressExample}
        value={address}
        onChange={({ target }) => setAddress(target.value)}
        spellCheck={false}
        autoComplete="off"
      />
      <button type="submit" className="button" disabled={asking || address.trim() === ''}>
        <Search size={16} aria-hidden="true" />
        {asking ? texts.looking : texts.look}
      </button>
    </form>
  );
}

/** What was looked through once need not stand open for good. */
function Catalogue({ asking }: { asking: boolean }) {
  const hasOwn = useLibrary((state) => entriesOf(['model'], state).length > 1);
  // What the choice is made by.
  useDevice();
  useMemory();
  const first = firstForDevice();
  return (
    <details open={!hasOwn}>
      <summary>{texts.catalogueTitle}</summary>
      <ul className="catalogue" aria-label={texts.catalogue}>
        {CATALOGUE.map((entry) => (
          <Entry key={entry.id} entry={entry} isFirst={entry === first} asking={asking} />
        ))}
      </ul>
    </details>
  );
}

interface EntryProps {
  entry: CatalogueEntry;
  isFirst: boolean;
  asking: boolean;
}

function Entry({ entry, isFirst, asking }: EntryProps) {
  const { id, name, roughBytes, steps } = entry;
  const facts = [roughBytes !== undefined && formatBytes(roughBytes), steps !== undefined && texts.steps(steps)].filter(
    Boolean,
  );
  return (
    <li>
      <div className="get-model-words">
        <span className="get-model-name">
          {name}
          {isFirst && <em>{texts.startWithThisOne}</em>}
        </span>
        <span>{goodAt[id]}</span>
        <span>
          {facts.map((fact) => `${fact} · `)}
          <LicenceLink entry={entry} />
        </span>
        {entry.shape && <FitLine shape={entry.shape} />}
      </div>
      <button
        type="button"
        className="button"
        disabled={asking}
        aria-label={texts.downloadNamed(name)}
        onClick={() => void getEntry(entry)}
      >
        {texts.download}
      </button>
    </li>
  );
}

/** @param licence what the site says, where it has been asked */
export function LicenceLink({ entry, licence = entry.licence }: { entry: CatalogueEntry; licence?: string }) {
  return (
    <a href={`https://huggingface.co/${entry.address.repository}`} target="_blank" rel="noreferrer">
      {texts.licence(licence)}
    </a>
  );
}

/** What a page cannot fetch, and a person may. */
const BY_HAND: readonly Trouble[] = ['unreachable-or-closed-to-pages', 'wrong-content', 'token-needed', 'refused'];

/** Opens what is missing in a tab of its own; the file joins the download when it is dropped. */
function ByHand({ view: { missing } }: { view: DownloadView }) {
  const links = missing.map(({ path, url }) => (
    <a key={path} href={url} target="_blank" rel="noreferrer">
      {texts.downloadInTab(path)}
    </a>
  ));
  return (
    <span>
      <Sentence of={texts.byHand(links)} />
    </span>
  );
}

const STATES: Readonly<Record<DownloadView['state'], string>> = {
  queued: texts.waitingForItsTurn,
  running: texts.downloading,
  checking: texts.checking,
  waiting: texts.waitingForTheConnection,
  paused: texts.paused,
  failed: texts.stopped,
};

export function DownloadRow({ view }: { view: DownloadView }) {
  const { id, name, state, loaded, bytes, problem } = view;
  const stands = state === 'paused' || state === 'failed' || state === 'waiting';
  return (
    <li>
      <div className="get-model-words">
        <span className="get-model-name">{name}</span>
        <progress
          aria-label={texts.downloadOf(name)}
          max={bytes ?? 1}
          value={bytes === undefined ? undefined : loaded}
        />
        <span>{[STATES[state], ...progressWords(view)].join(' · ')}</span>
        {problem && <span role="alert">{problem.said ? sentenceText(problem.said) : problem.message}</span>}
        {problem?.trouble === 'token-needed' && <KeyForm view={view} />}
        {problem && BY_HAND.includes(problem.trouble) && <ByHand view={view} />}
      </div>
      {stands ? (
        <IconButton icon={Play} label={texts.goOnWith(name)} onClick={() => void resumeDownload(id)} />
      ) : (
        <IconButton icon={Pause} label={texts.pause(name)} onClick={() => void pauseDownload(id)} />
      )}
      <IconButton icon={Trash2} label={texts.cancelDownload(name)} onClick={() => void cancelDownload(id)} />
    </li>
  );
}

/** "1.20 GB of 2.13 GB · 24.0 MB/s · 39 s left". */
function progressWords({ loaded, bytes, bytesPerSecond, secondsLeft }: DownloadView): string[] {
  const words = [bytes === undefined ? formatBytes(loaded) : texts.partOf(formatBytes(loaded), formatBytes(bytes))];
  if (bytesPerSecond !== undefined) words.push(texts.perSecond(formatBytes(bytesPerSecond)));
  if (secondsLeft !== undefined)
    words.push(
      secondsLeft < 90 ? texts.secondsLeft(Math.ceil(secondsLeft)) : texts.minutesLeft(Math.ceil(secondsLeft / 60)),
    );
  return words;
}

/** The tokens that are kept, which are not shown again. */
function KeptKeys() {
  const kept = shownKeys(useSiteKeys((state) => state.keys));
  if (kept.length === 0) return null;
  return (
    <ul aria-label={texts.accessTokens}>
      {kept.map(({ host, ending }) => (
        <li key={host}>
          <div className="get-model-words">
            <span className="get-model-name">{texts.accessTokenFor(host)}</span>
            <span>{texts.tokenFacts(ending, host)}</span>
          </div>
          <button type="button" className="button" aria-label={texts.forgetToken(host)} onClick={() => forgetKey(host)}>
            {texts.forget}
          </button>
        </li>
      ))}
    </ul>
  );
}

function KeyForm({ view: { id, host } }: { view: DownloadView }) {
  const [key, setKey] = useState('');
  const give = (event: FormEvent) => {
    event.preventDefault();
    void giveKey(host, key, id);
  };
  return (
    <form className="get-model-address" onSubmit={give}>
      <input
        type="password"
        aria-label={texts.accessTokenFor(host)}
        placeholder={texts.accessTokenKept(host)}
        value={key}
        onChange={({ target }) => setKey(target.value)}
        autoComplete="off"
      />
      <button type="submit" className="button" disabled={key.trim() === ''}>
        {texts.useIt}
      </button>
    </form>
  );
}
