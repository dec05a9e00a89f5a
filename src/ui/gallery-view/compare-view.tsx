import { Maximize, X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type Dispatch, type SetStateAction, useRef, useState } from 'react';
import { texts as keys } from '../../texts/app';
import { texts as gallery } from '../../texts/gallery';
import { texts } from '../../texts/gallery-view';
import { IconButton } from '../components/icon-button';
import { PictureBar } from '../components/picture-bar';
import { Segments } from '../components/segments';
import { subjectText } from '../components/subject-text';
import { useResult } from '../gallery/use-result';
import { useZoomOf } from '../stage/use-zoom';
import { FIT, type View } from '../stage/zoom';
import { ZoomedPicture } from './zoomed-picture';
import './full-view.css';

const WAYS = { beside: texts.sideBySide, slider: texts.slider } as const;

interface CompareViewProps {
  ids: readonly [string, string];
  onClose(): void;
}

/** Two results over the page, beside each other or on the two sides of a slider, under one zoom. */
export function CompareView({ ids, onClose }: CompareViewProps) {
  const [way, setWay] = useState<keyof typeof WAYS>('beside');
  const [split, setSplit] = useState(50);
  const zoom = useState<View>(FIT);
  const [view, setView] = zoom;
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Content
          className="full-view"
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => event.preventDefault()}
        >
          <Dialog.Title className="visually-hidden">{texts.comparison}</Dialog.Title>
          <div className="comparison">
            <div className="comparison-panes" data-way={way} style={{ '--split': `${split}%` }}>
              {ids.map((id) => (
                <Pane key={id} id={id} zoom={zoom} />
              ))}
              {way === 'slider' && (
                <>
                  <span className="comparison-split" aria-hidden="true" />
                  <input
                    className="comparison-slider"
                    type="range"
                    min={0}
                    max={100}
                    step={0.5}
                    aria-label={texts.shareOfFirst}
                    value={split}
                    onChange={(event) => setSplit(event.currentTarget.valueAsNumber)}
                  />
                </>
              )}
            </div>
            <PictureBar>
              <Segments
                label={texts.comparisonBy}
                value={way}
                choices={WAYS}
                onChange={(next) => setWay(next as keyof typeof WAYS)}
              />
              <IconButton
                icon={Maximize}
                label={texts.fit}
                disabled={view.zoom === 1 && view.x === 0 && view.y === 0}
                onClick={() => setView(FIT)}
              />
              <IconButton icon={X} label={texts.close} shortcut={keys.keysEsc} onClick={onClose} />
            </PictureBar>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface PaneProps {
  id: string;
  /** One for both panes. */
  zoom: readonly [View, Dispatch<SetStateAction<View>>];
}

function Pane({ id, zoom }: PaneProps) {
  const result = useResult(id);
  const frame = useRef<HTMLDivElement>(null);
  const { view, handlers } = useZoomOf(frame, result?.record.width ?? 1, zoom);
  const record = result?.record;
  return (
    <div className="comparison-pane">
      <div ref={frame} className="stage-frame">
        {result && <ZoomedPicture result={result} view={view} handlers={handlers} />}
      </div>
      {record && <p className="comparison-name">{gallery.pictureOf(record.number, subjectText(record.request))}</p>}
    </div>
  );
}
