import { type AttachReport, attachNote } from '../core/attach-report';
import { EaselError, type Said, said, toEaselError } from '../core/errors';
import type { FileHashes, NamedHash } from '../core/request/file-hashes';
import type { GenerationRequest } from '../core/request/request';
import { saysWord } from '../core/text/embedding-words';
import { namedEmbeddings, usedAdapters } from '../jobs/adapters';
import { type Adapter, openAdapter } from '../model/parts/adapter';
import { fastLoraUse } from '../model/running/fast';
import type { PaintingModel } from '../model/running/painting-model';
import type { LoraUse } from '../model/weights/lora-merge';
import type { Embedding } from '../model/weights/textual-inversion';
import { folderFiles } from './model-source';
import type { Attachment, NamedFile } from './protocol';

/** A file that was opened. */
interface OpenedFile extends NamedFile {
  /** No two have the same, also not two of one name. */
  id: number;
  adapter: Adapter;
}

/** The LoRAs and embeddings that prompts may name, and which of them the model carries just now. */
export class AdapterRegistry {
  #files: readonly OpenedFile[] = [];
  /** Undefined where the model may carry anything, after a change that failed or was cancelled. */
  #appliedKey: string | undefined = '';
  #reports: readonly AttachReport[] = [];
  #nextId = 1;
  #used: UsedNames = { loras: [], embeddings: [] };

  /** What the model carries, as a key; empty where nothing. */
  get appliedKey(): string {
    return this.#appliedKey ?? '';
  }

  /**
   * What is known of hashes, of LoRAs and embeddings only those that the last request used, by what its prompts call
   * them.
   */
  hashesUsed(known: FileHashes): FileHashes {
    const [loras, embeddings] = [new Map(known.loras), new Map(known.embeddings)];
    return {
      model: known.model,
      loras: this.#used.loras.flatMap(({ mention, name }) => hashOf(loras, name, mention)),
      embeddings: this.#used.embeddings.flatMap((word) => hashOf(embeddings, word, word)),
      vaes: known.vaes,
    };
  }

  /**
   * Knows these files from now on, in the place of those before. Headers of files that were there already are not read
   * again; one that cannot be opened is left out, and the others stay.
   * @returns what became of each, in their order.
   */
  async set(files: readonly NamedFile[], model: PaintingModel, signal?: AbortSignal): Promise<Attachment[]> {
    const opened = await Promise.all(files.map((file) => this.#open(file)));
    signal?.throwIfAborted();
    this.#files = opened.filter((file) => 'adapter' in file);
    return opened.map((file) => ('adapter' in file ? attachmentOf(file.adapter, model) : file));
  }

  async #open({ name, file }: NamedFile): Promise<OpenedFile | Attachment> {
    const known = this.#files.find((other) => other.name === name && isSameFile(other.file, file));
    if (known) return known;
    try {
      const adapter = await openAdapter(folderFiles(name, [{ path: name, file }]));
      return { id: this.#nextId++, name, file, adapter };
    } catch (thrown) {
      const { code, said } = toEaselError(thrown);
      return { name, outcome: 'refused', code, said };
    }
  }

  /**
   * Gives the model the LoRAs that a prompt names, at its weights, its own for few steps where that is asked for, and
   * the embeddings whose words stand in any of the texts; nothing where it has them already. What no text names is left
   * alone: it may be for another family.
   * @param other a further prompt, at the end of a walk.
   * @param signal ends it within one tensor; the model is then given its adapters anew before it paints again.
   * @returns sentences about what does nothing: as long as a whole LoRA does, and once where a part of one does.
   */
  async apply(model: PaintingModel, request: GenerationRequest, other = '', signal?: AbortSignal): Promise<Said[]> {
    const used = usedAdapters(request, this.#known(), other);
    const texts = [request.prompt, request.negativePrompt, other];
    this.#used = {
      loras: used.loras.map(({ lora: { name }, mention }) => ({ name, mention })),
      embeddings: used.embeddings.map(({ word }) => word).filter((word) => texts.some((text) => saysWord(text, word))),
    };
    const loras: LoraUse[] = used.loras.map(({ lora: { lora }, mention: _, ...weights }) => ({ lora, ...weights }));
    const keys = used.loras.map(({ lora: { id }, unetWeight, textWeight }) => `${id}:${unetWeight}:${textWeight}`);
    if (request.fast) {
      loras.push(fastLoraUse(model));
      keys.push('fast');
    }
    const embeddings = used.embeddings.map(({ embedding }) => embedding);
    keys.push(...used.embeddings.map(({ id }) => String(id)));
    const named = namedEmbeddings(
      request,
      loras.flatMap(({ lora }) => lora.embeddings),
      other,
    );
    const bundled = bundledEmbeddings(model, named.filter((one) => !embeddings.some(({ word }) => word === one.word))); // biome-ignore format: one thought
    embeddings.push(...bundled.embeddings);
    keys.push(...bundled.embeddings.map(({ word }) => word));
    const key = keys.join('\n');
    const isNews = key !== this.#appliedKey;
    if (isNews) {
      this.#appliedKey = undefined;
      this.#reports = await model.adapt({ loras, embeddings }, signal);
      this.#appliedKey = key;
    }
    const reported = this.#reports.filter(({ used }) => isNews || used === 0);
    return [...reported.map(attachNote), ...bundled.notes, used.note].filter((note) => note !== undefined);
  }

  /** The files by what prompts call them. */
  #known() {
    return {
      loras: this.#files.flatMap(({ id, adapter }) =>
        adapter.kind === 'lora' ? [{ id, name: adapter.lora.name, alias: adapter.lora.alias, lora: adapter.lora }] : [],
      ),
      embeddings: this.#files.flatMap(({ id, adapter }) =>
        adapter.kind === 'embedding' ? [{ id, word: adapter.embedding.word, embedding: adapter.embedding }] : [],
      ),
    };
  }
}

/** What a request uses, by its names. */
interface UsedNames {
  loras: readonly { name: string; mention: string }[];
  embeddings: readonly string[];
}

/** A file's hash under what a prompt calls it, where it is known. */
function hashOf(known: ReadonlyMap<string, string>, name: string, mention: string): NamedHash[] {
  const hash = known.get(name);
  return hash === undefined ? [] : [[mention, hash]];
}

/** Those embeddings out of LoRAs' files that fit. One for another family is named: its LoRA may act all the same. */
function bundledEmbeddings(
  model: PaintingModel,
  named: readonly Embedding[],
): { embeddings: Embedding[]; notes: Said[] } {
  const embeddings: Embedding[] = [];
  const notes: Said[] = [];
  for (const embedding of named) {
    const { outcome, ...attachment } = attachmentOf({ kind: 'embedding', embedding }, model);
    if (outcome === 'attached') embeddings.push(embedding);
    else if ('said' in attachment) notes.push(attachment.said);
  }
  return { embeddings, notes };
}

/** How an adapter fits a model; nothing is changed. */
function attachmentOf(adapter: Adapter, model: PaintingModel): Attachment {
  const name = adapter.kind === 'lora' ? adapter.lora.name : adapter.embedding.word;
  try {
    const report = reportOf(adapter, model);
    if (report.used > 0) return { name, outcome: 'attached', report };
    return { name, outcome: 'misfit', said: attachNote(report) ?? said`${name} is empty.` };
  } catch (thrown) {
    if (thrown instanceof EaselError && thrown.code === 'unsupported')
      return { name, outcome: 'misfit', said: thrown.said };
    throw thrown;
  }
}

function reportOf(adapter: Adapter, model: PaintingModel): AttachReport {
  switch (adapter.kind) {
    case 'lora': {
      const use = { lora: adapter.lora, unetWeight: 1, textWeight: 1 };
      return model.checkFit({ loras: [use], embeddings: [] })[0];
    }
    case 'embedding': {
      const { embedding } = adapter;
      model.checkFit({ loras: [], embeddings: [embedding] });
      return { name: embedding.word, used: embedding.vectors, unmatched: [] };
    }
    default:
      return adapter satisfies never;
  }
}

/** Whether two are one file of the disk, as it was: each call from the page brings copies of what stands for it. */
function isSameFile(one: Blob, other: Blob): boolean {
  if (one === other) return true;
  const areFiles = one instanceof File && other instanceof File;
  return areFiles && one.size === other.size && one.lastModified === other.lastModified;
}
