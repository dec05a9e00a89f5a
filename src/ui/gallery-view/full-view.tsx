import { ChevronLeft, ChevronRight, Image, Maximize, Star, Trash2, X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, useRef } from 'react';
import { type Result, showResult } from '../../store/gallery/gallery';
import { favourResults } from '../../store/gallery/result-index';
import { texts as keys } from '../../texts/app';
import { labelOfChoice } from '../../texts/fields';
import { texts } from '../../texts/gallery-view';
import { showView } from '../app/show-view';
import { IconButton } from '../components/icon-button';
import { PictureBar } from '../components/picture-bar';
import { subjectText } from '../components/subject-text';
import { useResult } from '../gallery/use-result';
import { useZoom } from '../stage/use-zoom';
import { ZoomedPicture } from './zoomed-picture';
import './full-view.css';

interface FullViewProps {
  id: string;
  /** All that arrows lead through. */
  found: readonly string[];
  onShow(id: string): void;
  onDelete(ids: readonly string[]): void;
  onClose(): void;
}

/** A result in full size over the page; arrows lead to the others that were found. */
export function FullView({ id, found, onShow, onDelete, onClose }: FullViewProps) {
  const at = found.indexOf(id);
  const result = useResult(id);
  // Those beside it are there when an arrow leads to them.
  useResult(found[at - 1]);
  useResult(found[at + 1]);
  const show = (place: number) => {
    if (found[place] !== undefined) onShow(found[place]);
  };
  const remove = () => {
    const next = found[at + 1] ?? found[at - 1];
    onDelete([id]);
    if (next === undefined) onClose();
    else onShow(next);
  };
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Content
          className="full-view"
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          onCloseAutoFocus={(event) => event.preventDefault()}
        >
          <Dialog.Title className="visually-hidden">{texts.fullSize}</Dialog.Title>
          {result && (
            <FullPicture
              result={result}
              place={at}
              of={found.length}
              onStep={(by) => show(at + by)}
              onEnd={(last) => show(last ? found.length - 1 : 0)}
              onDelete={remove}
              onClose={onClose}
            />
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface FullPictureProps {
  result: Result;
  place: number;
  of: number;
  onStep(by: number): void;
  onEnd(last: boolean): void;
  onDelete(): void;
  onClose(): void;
}

function FullPicture({ result, place, of, onStep, onEnd, onDelete, onClose }: FullPictureProps) {
  const { record } = result;
  const frame = useRef<HTMLDivElement>(null);
  const { view, toggle, handlers } = useZoom(frame, record.id, record.width);
  const acts: Acts = {
    onStep,
    onEnd,
    onDelete,
    favour: () => void favourResults([record.id], !record.favourite),
    toggle: () => toggle(),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    event.preventDefault();
    act(acts);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the whole dialog
    <div className="full-picture" onKeyDown={onKeyDown} ref={takeFocus} tabIndex={-1}>
      <div ref={frame} className="stage-frame">
        <ZoomedPicture key={record.id} result={result} view={view} handlers={handlers} />
      </div>
      <PictureBar>
        <FullFacts record={record} place={place} of={of} />
        <FullActions {...acts} record={record} place={place} of={of} zoomed={view.zoom !== 1} onClose={onClose} />
      </PictureBar>
    </div>
  );
}

/** The dialog's keys are heard wherever the focus is in it. */
const takeFocus = (element: HTMLElement | null) => element?.focus({ preventScroll: true });

interface Acts extends Pick<FullPictureProps, 'onStep' | 'onEnd' | 'onDelete'> {
  favour(): void;
  toggle(): void;
}

interface FullActionsProps extends Omit<Acts, 'onEnd'>, Pick<FullPictureProps, 'place' | 'of' | 'onClose'> {
  record: Result['record'];
  zoomed: boolean;
}

function FullActions(props: FullActionsProps) {
  const { record, place, of, zoomed, onStep, onDelete, favour, toggle, onClose } = props;
  const inPaint = () => {
    showResult(record.id);
    onClose();
    showView('paint');
  };
  return (
    <div className="full-actions">
      <IconButton
        icon={ChevronLeft}
        label={texts.previous}
        shortcut="←"
        disabled={place <= 0}
        onClick={() => onStep(-1)}
      />
      <IconButton
        icon={ChevronRight}
        label={texts.next}
        shortcut="→"
        disabled={place >= of - 1}
        onClick={() => onStep(1)}
      />
      <IconButton icon={Maximize} label={texts.actualSize} shortcut="Z" pressed={zoomed} onClick={toggle} />
      <IconButton
        icon={Star}
        label={texts.favourite}
        shortcut="F"
        pressed={record.favourite === true}
        onClick={favour}
      />
      <IconButton icon={Image} label={texts.showInPaint} onClick={inPaint} />
      <IconButton icon={Trash2} label={texts.deleteSelected} shortcut={keys.keyDelete} onClick={onDelete} />
      <IconButton icon={X} label={texts.close} shortcut={keys.keysEsc} onClick={onClose} />
    </div>
  );
}

const KEYS: Readonly<Partial<Record<string, (acts: Acts) => void>>> = {
  ArrowLeft: ({ onStep }) => onStep(-1),
  ArrowRight: ({ onStep }) => onStep(1),
  Home: ({ onEnd }) => onEnd(false),
  End: ({ onEnd }) => onEnd(true),
  Delete: ({ onDelete }) => onDelete(),
  Backspace: ({ onDelete }) => onDelete(),
  f: ({ favour }) => favour(),
  z: ({ toggle }) => toggle(),
};

function FullFacts({ record, place, of }: { record: Result['record']; place: number; of: number }) {
  const { request, number, model, width, height } = record;
  return (
    <div className="full-facts">
      <p className="full-prompt">{subjectText(request)}</p>
      <p>
        {texts.placeOf(place + 1, of)} ·{' '}
        {texts.shortSettings({
          number,
          model,
          size: `${width} × ${height}`,
          seed: request.seed,
          sampler: labelOfChoice('sampler', request.sampler),
          steps: request.steps,
        })}
      </p>
    </div>
  );
}
