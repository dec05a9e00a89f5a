import { create } from 'zustand';

/** Chromium's event that offers to install the page; no standard has it, and other browsers offer it in their menus. */
interface InstallOffer extends Event {
  prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

/** The browser's offer to install Easel as a program; undefined where there is none, or it is installed. */
export const useInstall = create<{ offer?: InstallOffer }>(() => ({}));

/** Takes the offer when it comes. @returns what ends it */
export function watchInstall(page: EventTarget = window): () => void {
  const offered = (event: Event) => {
    event.preventDefault(); // no banner of the browser's own: the button is offered
    useInstall.setState({ offer: event as InstallOffer });
  };
  const installed = () => useInstall.setState({ offer: undefined });
  page.addEventListener('beforeinstallprompt', offered);
  page.addEventListener('appinstalled', installed);
  return () => {
    page.removeEventListener('beforeinstallprompt', offered);
    page.removeEventListener('appinstalled', installed);
  };
}

/** Asks the person, in the browser's own words. An offer is good for one question. */
export async function install(): Promise<void> {
  const { offer } = useInstall.getState();
  useInstall.setState({ offer: undefined });
  await offer?.prompt();
}
