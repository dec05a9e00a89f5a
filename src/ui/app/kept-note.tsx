import { useVersions } from '../../store/program/versions';
import { texts } from '../../texts/app';

/** Whether the page would open without a network, in a sentence. */
export function KeptNote() {
  const kept = useVersions((state) => state.kept);
  switch (kept.kind) {
    case 'unknown':
      return null;
    case 'keeping':
      return <p>{texts.savingForOffline}</p>;
    case 'kept':
      return <p>{texts.readyOffline}</p>;
    case 'not-kept':
      return <p>{texts.notReadyOffline(kept.why)}</p>;
    default:
      return kept satisfies never;
  }
}
