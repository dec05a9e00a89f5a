import { Download, Play, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { CatalogueEntry } from '../../library/catalogue';
import { useEngine } from '../../store/engine';
import { dismissOffer, freeBytes, useDownloads } from '../../store/library/downloads';
import { dismissFirst, firstForDevice, getFirst, takeFirst, useFirstAsked } from '../../store/library/first-model';
import { formatBytes } from '../../store/library/labels';
import { entriesOf, useLibrary } from '../../store/library/library';
import { useDevice, useMemory } from '../../store/library/memory';
import { openEntry } from '../../store/library/open-entry';
import { usePreferences } from '../../store/settings/preferences';
import { texts as goodAt } from '../../texts/catalogue';
import { texts } from '../../texts/stage';
import { IconButton } from '../components/icon-button';
import { useNarrow } from '../components/use-narrow';
import { FitLine } from '../models/fit-line';
import { DownloadRow, LicenceLink } from '../models/get-model';
import './first-model.css';

/**
 * A way from the starter, which draws, to a model for photographs: what fits this device, its download, and a button
 * that opens it. It goes once there is a model of one's own, or when it is put away.
 * @param offers whether there is room for an offer; what was taken up is shown in any case
 */
export function FirstModel({ offers }: { offers: boolean }) {
  const { dismissed, download } = usePreferences((state) => state.firstModel);
  const loaded = useLibrary((state) => state.loaded);
  const own = useLibrary((state) => entriesOf(['model'], state).length > 1);
  const arrived = useLibrary((state) =>
    entriesOf(['model'], state).find(({ record: { place } }) => place.kind === 'stored' && place.model === download),
  );
  const view = useDownloads(({ downloads }) => downloads.find(({ id }) => id === download));
  // What the choice is made by.
  useDevice();
  useMemory();
  const entry = firstForDevice();
  const { asked } = useFirstAsked();
  if (dismissed || !loaded) return null;
  if (view)
    return (
      <Card>
        <ul>
          <DownloadRow view={view} />
        </ul>
      </Card>
    );
  if (arrived) return <Arrived id={arrived.record.id} name={arrived.record.name} />;
  if (!asked && (own || !offers)) return null;
  if (entry) return <Offered entry={entry} />;
  return asked ? <NoneFits /> : null;
}

/** @param brief whether it is one line, which leaves the welcome its room where that is narrow */
function Card({ children, brief = false }: { children: ReactNode; brief?: boolean }) {
  const { asked } = useFirstAsked();
  const card = useRef<HTMLElement>(null);
  // Whoever asks for it should see it, also where it lies below what fills the window.
  useEffect(() => {
    if (asked) card.current?.scrollIntoView({ block: 'nearest' });
  }, [asked]);
  return (
    <section
      ref={card}
      className="get-model first-model"
      data-brief={brief ? '' : undefined}
      aria-label={texts.modelForPhotographs}
    >
      {children}
      <IconButton icon={X} label={texts.notNow} onClick={dismissFirst} />
    </section>
  );
}

/** Somebody asked, and nothing that is known can be held. */
function NoneFits() {
  return (
    <Card>
      <div className="get-model-words">
        <span className="get-model-name">{texts.noModelFits}</span>
        <span>{texts.modelsLists}</span>
      </div>
    </Card>
  );
}

/** It is there. Once it is open there is nothing left to say. */
function Arrived({ id, name }: { id: string; name: string }) {
  const open = useEngine(({ model }) => model?.id === id);
  const loading = useEngine(({ status }) => status.kind === 'loading' && status.loading.id === id);
  useEffect(() => {
    if (open) dismissFirst();
  }, [open]);
  return (
    <Card>
      <div className="get-model-words">
        <span className="get-model-name">{texts.isHere(name)}</span>
        <span>{texts.opensInAMoment}</span>
      </div>
      <button type="button" className="button" disabled={loading} onClick={() => void openEntry(id)}>
        <Play size={16} aria-hidden="true" />
        {loading ? texts.openingIt : texts.startWithIt}
      </button>
    </Card>
  );
}

/** What there is to get, with all that should be known before its first byte. */
function Offered({ entry }: { entry: CatalogueEntry }) {
  const { id, name, roughBytes } = entry;
  const { asking, problem, offer: any } = useDownloads();
  const free = useFreeBytes();
  const [asked, setAsked] = useState(false);
  const { asked: wanted } = useFirstAsked();
  const brief = useNarrow() && !asked && !wanted;
  const offer = asked ? any : undefined;
  const size = offer ? offer.bytes : roughBytes;
  const facts = [
    size === undefined ? texts.sizeUnknown : formatBytes(size),
    (offer?.freeBytes ?? free) !== undefined && texts.free(formatBytes(offer?.freeBytes ?? free ?? 0)),
  ].filter(Boolean);
  const get = () => {
    setAsked(true);
    void (offer ? takeFirst() : getFirst(entry, free));
  };
  return (
    <Card brief={brief}>
      {!brief && (
        <div className="get-model-words">
          <span className="get-model-name">{texts.thisModelDraws(name)}</span>
          <span>{goodAt[id]}</span>
          <span>
            {facts.map((fact) => `${fact} · `)}
            <LicenceLink entry={entry} licence={offer?.request.origin.licence} />
          </span>
          {entry.shape && <FitLine shape={entry.shape} />}
          {asked && problem && <span role="alert">{problem}</span>}
        </div>
      )}
      <button type="button" className="button" disabled={asking} onClick={get}>
        <Download size={16} aria-hidden="true" />
        {asking ? texts.askingTheSite : offer ? texts.downloadIt : brief ? texts.forPhotographs(name) : texts.get(name)}
      </button>
      {offer && (
        <button type="button" className="button" onClick={dismissOffer}>
          {texts.back}
        </button>
      )}
    </Card>
  );
}

/** What this page may still store, as it was when this was shown. */
function useFreeBytes(): number | undefined {
  const [free, setFree] = useState<number>();
  useEffect(() => {
    void freeBytes().then(setFree, () => undefined);
  }, []);
  return free;
}
