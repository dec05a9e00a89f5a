import { TORCH_FILE } from '../../core/file-kinds';
import type { NamedHash } from '../../core/request/file-hashes';
import type { GenerationRequest } from '../../core/request/request';
import { type EngineState, useEngine } from '../engine';
import { engine } from '../engine-port';
import { usedRecords } from './adapters';
import { changeRecord, entryOf, useLibrary } from './library';
import { isTorchFile, sourceOf } from './library-files';
import { libraryPorts } from './library-ports';
import { type LibraryRecord, VAE_KINDS } from './library-record';
import { useStoredModels } from './stored-models';

// The hashes that A1111 writes into a picture's text. They are a help to find the files again, so nothing waits for
// them, and nobody is told where a file cannot be read.

/** Things whose hashes are asked for, and those whose hash is that of the file as it is on this visit. */
const asked: string[] = [];
const known = new Set<string>();

/** Learns the hash of the model that is open, where it is one file; what is known of the others is told, too. */
export function learnModelHash(id: string): void {
  void tell();
  learnHash(id);
}

/** Learns the hashes of the LoRAs and embeddings that a request uses. */
export function learnHashesOf(request: Pick<GenerationRequest, 'prompt' | 'negativePrompt'>): void {
  for (const { id } of usedRecords(request)) learnHash(id);
}

/** Learns the hash of a thing that is in use, where it is one file. */
export function learnHash(id: string): void {
  if (asked.includes(id)) return;
  if (asked.push(id) === 1) void learnAll();
}

/** One after another: each is read whole. */
async function learnAll(): Promise<void> {
  for (let [id] = asked; id !== undefined; [id] = asked) {
    const record = entryOf(id)?.record;
    if (record) await learnOf(record).catch(() => undefined);
    asked.shift();
  }
}

async function learnOf(record: LibraryRecord): Promise<void> {
  const { id, kind, hash, facts } = record;
  const source = await sourceOf(record);
  if (source.kind !== 'folder' || source.files.length !== 1) return;
  const [{ file }] = source.files;
  const [bytes, modifiedAt] = [file.size, file.lastModified];
  if (hash?.bytes !== bytes || hash.modifiedAt !== modifiedAt) {
    known.delete(id);
    const stored = storedFile(record);
    const skipsHeader = kind === 'lora' && !isTorchFile(record) && !TORCH_FILE.test(stored?.path ?? '');
    const said = skipsHeader ? facts?.hash : stored?.sha256;
    const sha256 = said ?? (await computed(file, skipsHeader));
    await changeRecord(id, { hash: { sha256, bytes, modifiedAt } });
  }
  if (known.has(id)) return;
  known.add(id);
  await tell();
}

/** Of a thing that the store keeps, its one file: its hash is known from when it came. */
function storedFile({ place }: LibraryRecord) {
  return place.kind === 'stored' ? useStoredModels.getState().models.get(place.model)?.files[0] : undefined;
}

/** In the library's worker; where pictures are painted by the same processor, only while none is. */
async function computed(file: Blob, skipsHeader: boolean): Promise<string> {
  for (;;) {
    await untilFree();
    const stop = new AbortController();
    const unsubscribe = useEngine.subscribe((state) => isPaintingOnCpu(state) && stop.abort());
    try {
      return await libraryPorts().client.call('hash', { file, skipsHeader }, undefined, stop.signal);
    } catch (thrown) {
      if (!stop.signal.aborted) throw thrown;
    } finally {
      unsubscribe();
    }
  }
}

const isPaintingOnCpu = ({ status, model }: EngineState): boolean =>
  status.kind === 'painting' && model?.device.provider === 'wasm';

async function untilFree(): Promise<void> {
  if (!isPaintingOnCpu(useEngine.getState())) return;
  await new Promise<void>((resolve) => {
    const unsubscribe = useEngine.subscribe((state) => {
      if (isPaintingOnCpu(state)) return;
      unsubscribe();
      resolve();
    });
  });
}

/** Tells the engine what is known. */
async function tell(): Promise<void> {
  const { model, stopped } = useEngine.getState();
  if (!model || stopped) return;
  const records = useLibrary.getState().entries.map(({ record }) => record);
  const hashes = (...kinds: readonly LibraryRecord['kind'][]): NamedHash[] =>
    records.flatMap((record) =>
      kinds.includes(record.kind) && record.hash && known.has(record.id)
        ? [[record.name, record.hash.sha256] as const]
        : [],
    );
  const open = known.has(model.id) ? entryOf(model.id)?.record.hash?.sha256 : undefined;
  await engine()
    .tellHashes({ model: open, loras: hashes('lora'), embeddings: hashes('embedding'), vaes: hashes(...VAE_KINDS) })
    .catch(() => undefined);
}
