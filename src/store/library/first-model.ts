import { create } from 'zustand';
import { type CatalogueEntry, firstChoice } from '../../library/catalogue';
import { usePreferences } from '../settings/preferences';
import { type DownloadOffer, getEntry, takeOffer, useDownloads } from './downloads';
import { fitHere } from './memory';

/** Whether the person asked for another model, which is then offered wherever they are. Not kept on the disk. */
export const useFirstAsked = create<{ asked: boolean }>(() => ({ asked: false }));

/** Offers a model that paints what this one cannot, also where the offer was put away before. */
export function askForFirst(): void {
  usePreferences.setState(({ firstModel }) => ({ firstModel: { ...firstModel, dismissed: false } }));
  useFirstAsked.setState({ asked: true });
}

/** A published size may be rounded so far. */
const ROUNDING = 0.05;

/** The first of the catalogue's models that this device can hold. */
export function firstForDevice(): CatalogueEntry | undefined {
  return firstChoice(({ shape }) => shape && fitHere(shape)?.verdict);
}

/**
 * Downloads the model that the first page offers. Where its site says anything else than the page did (of size or
 * licence, or that there is no room for it), that is shown first, and waits for another word.
 */
export async function getFirst(entry: CatalogueEntry, shownFree: number | undefined): Promise<void> {
  await getEntry(entry);
  const { offer } = useDownloads.getState();
  if (offer && isAsShown(entry, offer, shownFree)) await takeFirst();
}

/** Begins what is offered, and remembers that it is the first model. */
export async function takeFirst(): Promise<void> {
  const { offer } = useDownloads.getState();
  if (!offer) return;
  usePreferences.setState({ firstModel: { dismissed: false, download: offer.request.id } });
  await takeOffer();
}

function isAsShown(
  { roughBytes, licence }: CatalogueEntry,
  { request, bytes, freeBytes, lacksBytes }: DownloadOffer,
  shownFree: number | undefined,
): boolean {
  if (roughBytes === undefined || bytes === undefined || shownFree === undefined) return false;
  const hasRoom = freeBytes !== undefined && lacksBytes === 0;
  return hasRoom && Math.abs(bytes - roughBytes) <= ROUNDING * roughBytes && request.origin.licence === licence;
}

/** Puts the offer away for good. */
export function dismissFirst(): void {
  useFirstAsked.setState({ asked: false });
  usePreferences.setState(({ firstModel }) => ({ firstModel: { ...firstModel, dismissed: true } }));
}
