import { GripVertical, X } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { Grid } from '../../jobs/grid';
import { sizeOf } from '../../jobs/job';
import { cancelAll, cancelJob } from '../../store/jobs/cancel';
import { queue, useJobs } from '../../store/jobs/jobs';
import { texts } from '../../texts/queue';
import { IconButton } from '../components/icon-button';
import { subjectText } from '../components/subject-text';
import { useDragOrder } from './use-drag-order';

/** What is painted and what waits, in its order: each can be taken off, and those that wait can be moved. */
export function QueueList() {
  const waiting = useJobs((state) => state.waiting);
  const running = useJobs((state) => state.running);
  const list = useRef<HTMLOListElement>(null);
  const [said, say] = useState('');
  const move = (id: string, to: number) => {
    queue.move(id, to);
    say(texts.movedTo(to + 1, waiting.length));
  };
  const startDrag = useDragOrder(list, move);
  const remove = (id: string) => {
    cancelJob(id);
    list.current?.focus(); // its button is gone
  };
  const count = waiting.length + (running ? 1 : 0);
  return (
    <>
      <div className="queue-head">
        <h2>{texts.queue}</h2>
        <button type="button" className="button" disabled={count === 0} onClick={cancelAll}>
          {texts.clearAll}
        </button>
      </div>
      {count === 0 && <p>{texts.nothingIsWaiting}</p>}
      {running && <RunningEntry onRemove={remove} />}
      <ol ref={list} className="queue-list" aria-label={texts.waiting} tabIndex={-1}>
        {waiting.map((grid, at) => (
          <WaitingEntry
            key={grid.parent.id}
            grid={grid}
            place={{ at, of: waiting.length }}
            onMove={(to) => move(grid.parent.id, to)}
            onDrag={() => startDrag(grid.parent.id)}
            onRemove={() => remove(grid.parent.id)}
          />
        ))}
      </ol>
      <p className="visually-hidden" role="status">
        {said}
      </p>
    </>
  );
}

/** What is being painted: it comes first, and does not move. */
function RunningEntry({ onRemove }: { onRemove(id: string): void }) {
  const running = useJobs((state) => state.running);
  const picture = useJobs(({ painting }) => (painting?.picture ?? 0) + 1);
  if (!running) return null;
  const { grid, skipped } = running;
  const state = skipped ? texts.cancelling : grid.of > 1 ? texts.paintingOf(picture, grid.of) : texts.painting;
  return (
    <div className="queue-entry" data-running="">
      <EntryText grid={grid} facts={[state, sizeText(grid)]} />
      <IconButton icon={X} label={texts.stop(nameOf(grid))} onClick={() => onRemove(grid.parent.id)} />
    </div>
  );
}

interface WaitingEntryProps {
  grid: Grid;
  place: { at: number; of: number };
  onMove(to: number): void;
  onDrag(): void;
  onRemove(): void;
}

function WaitingEntry({ grid, place: { at, of }, onMove, onDrag, onRemove }: WaitingEntryProps) {
  const onKeyDown = (event: KeyboardEvent<HTMLButtonElement>) => {
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: of - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0 || to >= of || to === at) return;
    const handle = event.currentTarget;
    flushSync(() => onMove(to));
    handle.focus(); // which an element loses that is moved in the page
  };
  return (
    <li className="queue-entry">
      <button
        type="button"
        className="queue-handle"
        aria-label={texts.move(nameOf(grid), at + 1, of)}
        onKeyDown={onKeyDown}
        onPointerDown={onDrag}
      >
        <GripVertical size={16} aria-hidden="true" />
      </button>
      <EntryText grid={grid} facts={[texts.waiting, sizeText(grid), picturesOf(grid)]} />
      <IconButton icon={X} label={texts.remove(nameOf(grid))} onClick={onRemove} />
    </li>
  );
}

function EntryText({ grid, facts }: { grid: Grid; facts: readonly string[] }) {
  return (
    <div className="queue-text">
      <p className="queue-prompt">{promptOf(grid)}</p>
      <p>{facts.join(' · ')}</p>
    </div>
  );
}

function sizeText({ parent }: Grid): string {
  const { width, height } = sizeOf(parent);
  return `${width} × ${height}`;
}

function picturesOf({ children: { length: left }, of }: Grid): string {
  return left < of ? texts.picturesLeft(left, of) : texts.pictures(left);
}

/** What a job is called where its prompt says too little. */
const KINDS: Readonly<Record<string, (prompt: string) => string>> = {
  canvas: texts.canvas,
  walk: texts.walk,
  test: texts.testRun,
  enlarged: texts.upscale,
};

function promptOf({ parent: { request, sink } }: Grid): string {
  const prompt = subjectText(request);
  return KINDS[sink]?.(prompt) ?? prompt;
}

/** As a name among others: “a red fox”. */
function nameOf(grid: Grid): string {
  const prompt = promptOf(grid);
  return texts.named(prompt.length > 60 ? `${prompt.slice(0, 60)}…` : prompt);
}
