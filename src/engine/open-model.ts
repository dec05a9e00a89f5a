import type { FileHashes } from '../core/request/file-hashes';
import { stopIfCancelled } from '../model/cancellation';
import { loadModel } from '../model/running/load';
import { isSingleFile } from '../model/running/open-checkpoint';
import type { PaintingModel } from '../model/running/painting-model';
import { type ChosenDevice, chooseDevice } from '../model/runtime/device';
import { withOwnKernels } from '../model/runtime/kernels/probe';
import { loadOrt } from '../model/runtime/ort';
import { wasmTransfer } from '../model/runtime/wasm-transfer';
import type { ModelFiles } from '../model/weights/model-files';
import { TextCache } from '../pipeline/text-cache';
import { AdapterRegistry } from './adapters';
import { asModelFiles, type DownloadProgress, openSource, openVocabulary } from './model-source';
import type { EngineEvent, LoadRequest } from './protocol';

/** A model on its device, and what lives and dies with it. */
export interface OpenModel {
  model: PaintingModel;
  device: ChosenDevice;
  adapters: AdapterRegistry;
  texts: TextCache;
  /** The name of the file whose autoencoder stands in the place of its own. */
  vae?: string;
  /** As the page has told them. */
  hashes: FileHashes;
}

/** Opens a model from wherever it is. @param signal ends it during the download, and before each network and tensor. */
export async function openModel(
  { source, device: preference, kernels, vocabulary, prediction, vae, classifier, memory }: LoadRequest,
  emit: (event: EngineEvent) => void,
  signal?: AbortSignal,
): Promise<OpenModel> {
  const files = await fetchAll(source, emit, signal);
  const { threads } = await loadOrt();
  await stopIfCancelled(signal);
  const device = await withOwnKernels(await chooseDevice(preference, threads), kernels);
  const model = await loadModel(files, device, (stage) => emit({ type: 'stage', stage, picture: 0, pictures: 0 }), {
    vocabulary: isSingleFile(files) ? await openVocabulary(vocabulary, { signal }) : undefined,
    prediction,
    vae: vae && asModelFiles(vae),
    classifier: classifier && asModelFiles(classifier),
    memory,
    signal,
  });
  return {
    model,
    device,
    adapters: new AdapterRegistry(),
    texts: new TextCache(),
    vae: vae?.name,
    hashes: { loras: [], embeddings: [], vaes: [] },
  };
}

/** Bytes come in hundreds of pieces, each of which would be drawn. */
const PROGRESS_INTERVAL_MS = 100;

/** A model's files, and onnxruntime's WebAssembly, which comes at the same time: one count of bytes for both. */
async function fetchAll(
  source: LoadRequest['source'],
  emit: (event: EngineEvent) => void,
  signal: AbortSignal | undefined,
): Promise<ModelFiles> {
  if (source.kind !== 'url') return openSource(source, () => undefined, { signal });
  let model: DownloadProgress | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  const tell = () => {
    if (!model) return;
    const loadedBytes = model.loadedBytes + wasmTransfer.loadedBytes;
    const totalBytes = model.totalBytes + wasmTransfer.totalBytes;
    const now = performance.now();
    if (now - toldAt < PROGRESS_INTERVAL_MS && loadedBytes < totalBytes) return;
    toldAt = now;
    emit({ type: 'download', file: model.file, loadedBytes, totalBytes });
  };
  wasmTransfer.onBytes = tell;
  const heard = (progress: DownloadProgress) => {
    model = progress;
    tell();
  };
  const files = await openSource(source, heard, { signal });
  await wasmTransfer.arrived;
  return files;
}
