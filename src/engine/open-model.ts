import type { FileHashes } from '../core/request/file-hashes';
import { stopIfCancelled } from '../model/cancellation';
import { loadModel } from '../model/running/load';
import { isSingleFile } from '../model/running/open-checkpoint';
import type { PaintingModel } from '../model/running/painting-model';
import { type ChosenDevice, chooseDevice } from '../model/runtime/device';
import { withOwnKernels } from '../model/runtime/kernels/probe';
import { loadOrt } from '../model/runtime/ort';
import { TextCache } from '../pipeline/text-cache';
import { AdapterRegistry } from './adapters';
import { asModelFiles, openSource, openVocabulary } from './model-source';
import type { EngineEvent, LoadRequest } from './protocol';

/** A model on its device, and what lives and dies with it. */
export interface OpenModel {
  model: PaintingModel;
  device: ChosenDevice;
  adapters: AdapterRegistry;
  texts: TextCache;
  /** As the page has told them. */
  hashes: FileHashes;
}

/** Opens a model from wherever it is. @param signal ends it during the download, and before each network and tensor. */
export async function openModel(
  { source, device: preference, kernels, vocabulary, prediction, vae, memory }: LoadRequest,
  emit: (event: EngineEvent) => void,
  signal?: AbortSignal,
): Promise<OpenModel> {
  const files = await openSource(source, (progress) => emit({ type: 'download', ...progress }), { signal });
  const { threads } = await loadOrt();
  await stopIfCancelled(signal);
  const device = await withOwnKernels(await chooseDevice(preference, threads), kernels);
  const model = await loadModel(files, device, (stage) => emit({ type: 'stage', stage, picture: 0, pictures: 0 }), {
    vocabulary: isSingleFile(files) ? await openVocabulary(vocabulary, { signal }) : undefined,
    prediction,
    vae: vae && asModelFiles(vae),
    memory,
    signal,
  });
  return {
    model,
    device,
    adapters: new AdapterRegistry(),
    texts: new TextCache(),
    hashes: { loras: [], embeddings: [] },
  };
}
