import type { Network } from '../download/download-file';
import type { ModelAddress } from './address';
import { askCivitai } from './civitai';
import { askHub, type SourceAnswer } from './hub';

/**
 * What is to be downloaded from an address, with sizes and hashes where the site publishes them; of a plain file
 * nobody publishes any.
 * @throws LibraryError with what stands in the way
 */
export async function askSource(address: ModelAddress, network: Network, signal?: AbortSignal): Promise<SourceAnswer> {
  switch (address.site) {
    case 'hub':
      return askHub(address, network, signal);
    case 'civitai':
      return askCivitai(address, network, signal);
    case 'web': {
      const url = new URL(address.url);
      const path = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
      const name = path.replace(/\.safetensors$/i, '');
      const origin = { page: url.origin, files: [{ path, url: url.href }] };
      return { kind: 'request', request: { id: `file:${url.host}${url.pathname}`, name, kind: 'file', origin } };
    }
    default:
      return address satisfies never;
  }
}
