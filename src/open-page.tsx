import { createRoot } from 'react-dom/client';
import { resetIfAsked } from './store/stored';
import { CloseOtherTabs, PageFailure } from './ui/app/failures';
import { InsecureAddress } from './ui/app/insecure-address';

/**
 * What index.html starts. It needs as little as possible, so that whatever fails in the page itself, while its modules load too,
 * is said instead of leaving the page white.
 */
async function openPage(): Promise<void> {
  const element = document.getElementById('root');
  if (!element) throw new Error('index.html has no #root.');
  const root = createRoot(element);
  if (!isSecureContext) {
    root.render(<InsecureAddress />);
    return;
  }
  try {
    await resetIfAsked(() => root.render(<CloseOtherTabs />));
    const { start } = await import('./main');
    await start(root);
  } catch (thrown) {
    root.render(<PageFailure thrown={thrown} />);
  }
}

void openPage();
