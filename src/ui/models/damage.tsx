import { Wrench } from 'lucide-react';
import { useDownloads } from '../../store/library/downloads';
import type { LibraryRecord } from '../../store/library/library-record';
import { repairModel } from '../../store/library/maintenance';
import { texts } from '../../texts/models';
import { useStored } from './use-stored';

/** Whether what is missing of a thing is on its way. */
function useRepairing({ place }: LibraryRecord): boolean {
  return useDownloads(({ downloads }) => place.kind === 'stored' && downloads.some(({ id }) => id === place.model));
}

/** Which of a thing's files are damaged, and what helps. */
export function DamageLine({ record }: { record: LibraryRecord }) {
  const missing = useStored(record, (stored) => stored.missing) ?? [];
  const hasSource = useStored(record, ({ origin }) => origin !== undefined);
  const isRepairing = useRepairing(record);
  if (missing.length === 0) return null;
  const help = isRepairing ? texts.onItsWayAgain : hasSource ? '' : texts.sourceUnknown;
  return (
    <p className="model-warning">
      {texts.damaged(missing)} {help}
    </p>
  );
}

/** Downloads again what is damaged of a thing, where that is known. */
export function RepairButton({ record }: { record: LibraryRecord }) {
  const canRepair = useStored(record, ({ missing, origin }) => missing.length > 0 && origin !== undefined);
  const isRepairing = useRepairing(record);
  if (!canRepair) return null;
  return (
    <button type="button" className="button" disabled={isRepairing} onClick={() => void repairModel(record)}>
      <Wrench size={16} aria-hidden="true" />
      {isRepairing ? texts.repairing : texts.repair}
    </button>
  );
}
