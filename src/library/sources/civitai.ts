import * as v from 'valibot';
import { said } from '../../core/errors';
import type { Network } from '../download/download-file';
import { LibraryError } from '../trouble';
import type { ModelAddress } from './address';
import { askSite } from './ask-site';
import type { SourceAnswer } from './hub';

const CIVITAI = 'https://civitai.com';

const VersionSchema = v.object({
  id: v.number(),
  name: v.string(),
  modelId: v.optional(v.number()),
  model: v.optional(v.object({ name: v.string(), type: v.string() })),
  files: v.array(
    v.object({
      name: v.string(),
      type: v.optional(v.string()),
      primary: v.nullish(v.boolean()),
      sizeKB: v.optional(v.number()),
      hashes: v.optional(v.object({ SHA256: v.optional(v.string()) })),
    }),
  ),
});
const ModelSchema = v.object({ name: v.string(), type: v.string(), modelVersions: v.array(VersionSchema) });

/** Civitai's kinds as Easel calls them; others are told by their file once it is there. */
const KINDS: Readonly<Record<string, string>> = {
  Checkpoint: 'model',
  LORA: 'lora',
  LoCon: 'lora',
  TextualInversion: 'embedding',
  VAE: 'vae',
};

/**
 * Asks Civitai for a version's file, or for that of a model's newest version.
 * @throws LibraryError
 */
export async function askCivitai(
  { model, version }: Extract<ModelAddress, { site: 'civitai' }>,
  network: Network,
  signal?: AbortSignal,
): Promise<SourceAnswer> {
  const { name, type, ...found } = await findVersion(model, version, network, signal);
  const files = found.files.filter((file) => /\.safetensors$/i.test(file.name));
  const file = files.find(({ primary }) => primary) ?? files[0];
  if (!file)
    throw new LibraryError(
      'wrong-content',
      said`Civitai has ${name} only as a pickle or archive, which Easel does not download. Choose another version, or download it there and drop the .ckpt here.`,
    );
  const kind = KINDS[type] ?? 'file';
  const bytes = (file.sizeKB ?? Number.NaN) * 1024;
  const sha256 = file.hashes?.SHA256?.toLowerCase();
  const shown = file.name.replace(/\.safetensors$/i, '');
  return {
    kind: 'request',
    request: {
      id: `${kind}:civitai/${found.id}`,
      name: shown,
      kind,
      origin: {
        page: model === undefined ? `${CIVITAI}/model-versions/${found.id}` : `${CIVITAI}/models/${model}`,
        files: [
          {
            path: `${shown}.safetensors`,
            url: `${CIVITAI}/api/download/models/${found.id}`,
            // A rounded size would make the right file look like another one.
            bytes: Number.isInteger(bytes) ? bytes : undefined,
            sha256: sha256 && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
          },
        ],
      },
    },
  };
}

async function findVersion(
  model: number | undefined,
  version: number | undefined,
  network: Network,
  signal?: AbortSignal,
) {
  if (version !== undefined) {
    const url = `${CIVITAI}/api/v1/model-versions/${version}`;
    const { value } = await askSite(url, said`version ${version}`, VersionSchema, network, signal);
    return { ...value, name: value.model?.name ?? value.name, type: value.model?.type ?? '' };
  }
  const { value } = await askSite(
    `${CIVITAI}/api/v1/models/${model}`,
    said`model ${String(model)}`,
    ModelSchema,
    network,
    signal,
  );
  const [newest] = value.modelVersions;
  if (!newest) throw new LibraryError('not-found', said`Civitai has no version of ${value.name} to download.`);
  return { ...newest, name: value.name, type: value.type };
}
