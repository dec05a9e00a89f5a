import * as v from 'valibot';
import { said } from '../../core/errors';
import type { Network, RemoteFile } from '../download/download-file';
import type { DownloadRequest } from '../files/manifest';
import { LibraryError } from '../trouble';
import type { ModelAddress } from './address';
import { askSite } from './ask-site';

const HUB = 'https://huggingface.co';

/** What a source has to offer: a download, or files of which the person must choose one. */
export type SourceAnswer =
  | { kind: 'request'; request: DownloadRequest }
  | { kind: 'choose'; page: string; files: readonly { path: string; bytes?: number; address: ModelAddress }[] };

const InfoSchema = v.object({
  sha: v.string(),
  cardData: v.nullish(v.object({ license: v.optional(v.union([v.string(), v.array(v.string())])) })),
});

const TreeSchema = v.array(
  v.object({
    type: v.string(),
    path: v.string(),
    size: v.number(),
    lfs: v.optional(v.object({ oid: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), size: v.number() })),
  }),
);

interface HubFile {
  path: string;
  bytes: number;
  sha256?: string;
}

/**
 * Asks the Hub what a repository holds, pinned to the commit of now: a file that changes later is another one.
 * @throws LibraryError
 */
export async function askHub(
  address: Extract<ModelAddress, { site: 'hub' }>,
  network: Network,
  signal?: AbortSignal,
): Promise<SourceAnswer> {
  const { repository, revision, path } = address;
  const api = `${HUB}/api/models/${repository}`;
  const page = `${HUB}/${repository}`;
  const { value: info } = await askSite(
    `${api}/revision/${encodeURIComponent(revision)}`,
    repository,
    InfoSchema,
    network,
    signal,
  );
  const files = await listFiles(`${api}/tree/${info.sha}?recursive=true`, repository, network, signal);
  const license = info.cardData?.license;
  const licence = Array.isArray(license) ? license.join(', ') : license;
  const remote = (file: HubFile, from = ''): RemoteFile => ({
    ...file,
    path: file.path.slice(from.length),
    url: `${page}/resolve/${info.sha}/${file.path.split('/').map(encodeURIComponent).join('/')}`,
  });
  const request = (name: string, kind: string, chosen: readonly RemoteFile[]): SourceAnswer => ({
    kind: 'request',
    request: { id: `${kind}:${repository}/${name}`, name, kind, origin: { page, licence, files: chosen } },
  });
  const single = (file: HubFile) => {
    const [name] = file.path.split('/').slice(-1);
    return request(name.replace(/\.safetensors$/i, ''), 'file', [{ ...remote(file), path: name }]);
  };

  const exact = files.find((file) => file.path === path);
  if (exact) return single(exact);
  const folder = path === undefined ? '' : `${path.replace(/\/$/, '')}/`;
  const inside = files.filter((file) => file.path.startsWith(folder));
  if (inside.length === 0)
    throw new LibraryError('not-found', said`${repository} on the Hub has no ${path ?? said`files`}. Check the name.`);
  if (inside.some((file) => file.path === `${folder}model_index.json`)) {
    const chosen = diffusersFiles(inside.map((file) => remote(file, folder)));
    return request(repository.split('/')[1], 'model', chosen);
  }
  const whole = inside.filter(({ path }) => /\.safetensors$/i.test(path));
  if (whole.length === 1) return single(whole[0]);
  if (whole.length > 1)
    return {
      kind: 'choose',
      page,
      files: whole.map((file) => ({ ...file, address: { ...address, path: file.path } })),
    };
  throw new LibraryError(
    'wrong-content',
    said`${repository} on the Hub has no .safetensors file, and Easel downloads no others. Choose another repository, or download its .ckpt there and drop it here.`,
  );
}

/** Every file of a repository, page by page. @param tree address of the first */
async function listFiles(tree: string, repository: string, network: Network, signal?: AbortSignal): Promise<HubFile[]> {
  const files: HubFile[] = [];
  for (let next: string | undefined = tree; next; ) {
    const answer: { value: v.InferOutput<typeof TreeSchema>; next?: string } = await askSite(
      next,
      repository,
      TreeSchema,
      network,
      signal,
    );
    for (const { type, path, size, lfs } of answer.value)
      if (type === 'file') files.push({ path, bytes: lfs?.size ?? size, sha256: lfs?.oid });
    next = answer.next;
  }
  return files;
}

const NETWORKS = ['unet', 'text_encoder', 'text_encoder_2', 'vae'];
const TOKENIZERS = ['tokenizer', 'tokenizer_2'];
const TOKENIZER_FILES = ['vocab.json', 'merges.txt', 'tokenizer_config.json', 'special_tokens_map.json'];

/**
 * Of a diffusers folder's files, those that painting takes: each network once, in float16 where there is that.
 * @throws LibraryError `wrong-content` naming a network that is only there as a pickle
 */
export function diffusersFiles(files: readonly RemoteFile[]): RemoteFile[] {
  const at = (path: string) => files.filter((file) => file.path === path);
  const networks = NETWORKS.filter((folder) => at(`${folder}/config.json`).length > 0);
  const tokenizers = TOKENIZERS.flatMap((folder) => {
    const parts = TOKENIZER_FILES.flatMap((name) => at(`${folder}/${name}`));
    const hasVocabulary = at(`${folder}/vocab.json`).length > 0;
    return hasVocabulary ? parts : [...parts, ...at(`${folder}/tokenizer.json`)];
  });
  return [
    ...at('model_index.json'),
    ...at('scheduler/scheduler_config.json'),
    ...tokenizers,
    ...networks.flatMap((folder) => [...at(`${folder}/config.json`), ...weightsOf(folder, files)]),
  ];
}

function weightsOf(folder: string, files: readonly RemoteFile[]): RemoteFile[] {
  const inside = files.filter(({ path }) => path.startsWith(`${folder}/`) && /\.safetensors(\.|$)/.test(path));
  const fp16 = inside.filter(({ path }) => /\.fp16\b/.test(path));
  const plain = inside.filter(({ path }) => /^[^.]+(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?$/.test(path));
  const [whole] = [fp16, plain].filter((variant) => variant.length > 0);
  if (!whole)
    throw new LibraryError(
      'wrong-content',
      said`The repository has ${folder} only as a pickle, which Easel does not download. Choose one with .safetensors files, or download its folder there and drop it here.`,
    );
  // Both a whole file and its parts: the whole one is enough.
  const single = whole.filter(({ path }) => /\.safetensors$/.test(path) && !/-\d{5}-of-\d{5}/.test(path));
  return single.length > 0 ? single.slice(0, 1) : whole;
}
