import { ListOrdered } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useJobs } from '../../store/jobs/jobs';
import { PopoverPanel } from '../components/popover-panel';
import { QueueList } from './queue-list';
import './queue.css';
import { texts } from '../../texts/queue';

/** How many requests wait, and the list of them. It is there while anything is painted or waits. */
export function QueueButton() {
  const waiting = useJobs((state) => state.waiting.length);
  const idle = useJobs(({ painting }) => painting === undefined);
  if (idle && waiting === 0) return null;
  return (
    <Popover.Root>
      <Popover.Trigger className="queue-button">
        <ListOrdered size={16} aria-hidden="true" />
        <span className="queue-count">{waiting}</span>
        <span className="visually-hidden"> {texts.showWaiting}</span>
      </Popover.Trigger>
      <PopoverPanel label={texts.queue} className="queue" side="top" align="end" sideOffset={8}>
        <QueueList />
      </PopoverPanel>
    </Popover.Root>
  );
}
