import type { Page } from 'playwright';
import { servePage } from '../../serve-page';
import { StandIn } from '../../stand-in/stand-in';
import { newProfile, type OwnBrowser } from '../durability/own-browser';
import type { StoreNews, StoreOrder } from './protocol';

const PAGE = `<!doctype html><title>Store</title><script type="module">
  const worker = new Worker('/src/cli/bench/store/page/worker.ts', { type: 'module' });
  worker.onmessage = ({ data }) => tellNews(data);
  worker.onerror = ({ message }) => tellNews({ kind: 'failed', message });
  globalThis.ask = (order) => worker.postMessage(order);
</script>`;

/** A browser that keeps its files between two starts, in which every site is the stand-in. */
export interface StoreBrowser {
  sites: StandIn;
  /** Starts the browser and asks the worker for something. */
  visit(order: StoreOrder, hear: (news: StoreNews) => void): Promise<OwnBrowser>;
  close(): Promise<void>;
}

export async function openStoreBrowser(): Promise<StoreBrowser> {
  const sites = await StandIn.open();
  const profile = await newProfile([
    `--host-resolver-rules=MAP * 127.0.0.1:${sites.port}, EXCLUDE localhost, EXCLUDE 127.0.0.1`,
    '--ignore-certificate-errors',
  ]);
  const server = await servePage('/store', PAGE);
  return {
    sites,
    async visit(order, hear) {
      const browser = await profile.start();
      const page = await browser.context.newPage();
      await page.exposeFunction('tellNews', hear);
      await page.goto(server.address);
      await ask(page, order);
      return browser;
    },
    async close() {
      await server.close();
      await profile.remove();
      await sites.close();
    },
  };
}

async function ask(page: Page, order: StoreOrder): Promise<void> {
  await page.waitForFunction(() => 'ask' in globalThis);
  await page.evaluate((asked) => (globalThis as unknown as { ask(order: StoreOrder): void }).ask(asked), order);
}
