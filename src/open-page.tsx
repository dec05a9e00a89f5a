import { createRoot } from 'react-dom/client';
import { resetIfAsked } from './store/backup/stored';
import { chooseLanguage } from './texts/languages';
import { CloseOtherTabs, PageFailure, PageNotLoaded } from './ui/app/failures';
import { InsecureAddress } from './ui/app/insecure-address';

/** How Chromium and Firefox, Safari, and Vite say that a module or its style sheet could not be fetched. */
const DID_NOT_COME = /dynamically imported module|module script failed|preload CSS/;

/**
 * What index.html starts. It needs as little as possible, so that whatever fails in the page itself, while its modules
 * load too, is said instead of leaving the page white.
 */
async function openPage(): Promise<void> {
  const element = document.getElementById('root');
  if (!element) throw new Error('index.html has no #root.');
  const root = createRoot(element);
  await chooseLanguage(navigator.languages);
  if (!isSecureContext) {
    root.render(<InsecureAddress />);
    return;
  }
  try {
    await resetIfAsked(() => root.render(<CloseOtherTabs />));
    const { start } = await import('./main');
    await start(root);
  } catch (thrown) {
    root.render(DID_NOT_COME.test(String(thrown)) ? <PageNotLoaded /> : <PageFailure thrown={thrown} />);
  }
}

void openPage();
