import { texts } from '../../texts/store';
import { notify } from '../notices';
import { usePreferences } from './preferences';

/**
 * Asks the browser, once for all visits, not to clear what is kept here when space runs short, and says why. Some
 * browsers ask the person, others decide by themselves.
 */
export async function askForPersistence(
  storage: StorageManager | undefined = globalThis.navigator?.storage,
): Promise<void> {
  if (usePreferences.getState().persistence !== 'not-asked' || !storage?.persist) return;
  // Whoever closes the browser's question without an answer is not asked again either.
  usePreferences.setState({ persistence: 'refused' });
  if (!(await storage.persisted())) {
    notify(texts.mayBeCleared);
    if (!(await storage.persist())) return;
  }
  usePreferences.setState({ persistence: 'granted' });
}
