import { EaselError, said } from '../../core/errors';
import { browserChannel, browserNetwork, openBrowserStore } from '../../library/browser-ports';
import { LibraryClient, type LibraryPort } from '../../library/client';
import type { Network } from '../../library/download/download-file';
import type { Channel } from '../../library/download/downloads';
import type { ModelStore } from '../../library/files/model-store';
import type { withKeys } from '../../library/sources/site-keys';

/** What the page keeps models with and gets them by; a test has its own in memory. */
export interface LibraryPorts {
  /** Opened when it is first asked for: not every browser has room for one. */
  store(): Promise<ModelStore>;
  channel: Channel;
  network(keyOf: Parameters<typeof withKeys>[0]): Network;
  client: LibraryClient;
}

let ports: LibraryPorts | undefined;

/** Gives the stores their ports; called once, where the page is put together. */
export function connectLibraryPorts(connected: LibraryPorts): void {
  ports = connected;
}

/** The connected ports. @throws EaselError `no-storage` where there are none */
export function libraryPorts(): LibraryPorts {
  if (!ports) throw new EaselError('no-storage', said`Models are not kept in this browser.`);
  return ports;
}

/** Those of this browser. @param spawn starts the library's worker */
export function browserLibraryPorts(spawn: () => LibraryPort): LibraryPorts {
  let store: Promise<ModelStore> | undefined;
  return {
    store() {
      store ??= openBrowserStore();
      return store;
    },
    channel: browserChannel(),
    network: browserNetwork,
    client: new LibraryClient(spawn),
  };
}
