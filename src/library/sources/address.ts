import { type Said, said } from '../../core/errors';
import { LibraryError } from '../trouble';

/** Where somebody says a model is. */
export type ModelAddress =
  | { site: 'hub'; repository: string; revision: string; path?: string }
  /** A version where it is said, else the model's newest. */
  | { site: 'civitai'; model?: number; version?: number }
  | { site: 'web'; url: string };

const HUB_HOSTS = ['huggingface.co', 'www.huggingface.co', 'hf.co'];
const CIVITAI_HOSTS = ['civitai.com', 'www.civitai.com'];
/** A name as the Hub allows it. */
const NAME = '[\\w][\\w.-]*';
const REPOSITORY = new RegExp(`^(${NAME}/${NAME})(?:@(\\S+))?$`);

/**
 * Reads what somebody typed or pasted: `owner/name`, `owner/name@revision`, an address of the Hub or Civitai, or one of
 * any `.safetensors`.
 * @throws LibraryError `bad-address` that says what can be typed
 */
export function readAddress(text: string): ModelAddress {
  const typed = text.trim();
  const [, repository, revision = 'main'] = REPOSITORY.exec(typed) ?? [];
  if (repository && !HUB_HOSTS.includes(repository.split('/')[0])) return { site: 'hub', repository, revision };
  const url = asUrl(typed);
  if (HUB_HOSTS.includes(url.hostname)) return readHub(url);
  if (CIVITAI_HOSTS.includes(url.hostname)) return readCivitai(url);
  if (/\.safetensors$/i.test(decodeURIComponent(url.pathname))) return { site: 'web', url: url.href };
  throw badAddress(said`${url.host} is not a site that Easel knows, and its address does not end in .safetensors.`);
}

function asUrl(typed: string): URL {
  const hasScheme = /^[a-z][a-z+.-]*:/i.test(typed);
  const url = URL.parse(hasScheme ? typed : `https://${typed}`);
  if (!url?.hostname.includes('.')) throw badAddress(said`That is not an address of a model.`);
  if (url.protocol !== 'https:') throw badAddress(said`Easel downloads over https only, not ${url.protocol}`);
  if (url.username || url.password) throw badAddress(said`An address with a password in it cannot be used.`);
  return url;
}

function readHub(url: URL): ModelAddress {
  const [owner, name, kind, revision, ...path] = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  if (!owner || !name || ['datasets', 'spaces', 'docs', 'api'].includes(owner))
    throw badAddress(said`That page of the Hub is not a model’s.`);
  const repository = `${owner}/${name}`;
  if (kind === undefined || revision === undefined) return { site: 'hub', repository, revision: 'main' };
  if (!['blob', 'resolve', 'raw', 'tree'].includes(kind)) return { site: 'hub', repository, revision: 'main' };
  return { site: 'hub', repository, revision, path: path.join('/') || undefined };
}

function readCivitai(url: URL): ModelAddress {
  const [, download] = /^\/api\/download\/models\/(\d+)/.exec(url.pathname) ?? [];
  if (download) return { site: 'civitai', version: Number(download) };
  const [, model] = /^\/models\/(\d+)/.exec(url.pathname) ?? [];
  if (!model) throw badAddress(said`That page of Civitai is not a model’s.`);
  const version = url.searchParams.get('modelVersionId');
  return { site: 'civitai', model: Number(model), version: version ? Number(version) : undefined };
}

const badAddress = (reason: Said) =>
  new LibraryError(
    'bad-address',
    said`${reason} Type owner/name of a model on the Hub, or paste the address of one on the Hub or Civitai or of a .safetensors file.`,
  );
