import { FilePlus, FolderPlus } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { type FileKind, fileKinds } from '../../core/file-kinds';
import { ADAPTERS } from '../../store/library/adapters';
import { matches, type SortOrder, sortedBy } from '../../store/library/find-models';
import { type LibraryEntry, useLibrary } from '../../store/library/library';
import { useStoredModels } from '../../store/library/stored-models';
import { ProblemCard } from '../stage/problem-card';
import { DiskUse } from './disk-use';
import { FileInputs, useFilePickers } from './file-inputs';
import { GetModel } from './get-model';
import { ModelCard } from './model-card';
import { ModelsToolbar } from './models-toolbar';
import { PartsSection } from './parts-section';
import { PreviewChoice } from './preview-choice';
import './models-view.css';

const AUTOENCODERS = fileKinds('autoencoders');
const UPSCALERS = fileKinds('upscalers');

const ADAPTERS_HELP =
  'A LoRA changes what a model paints; an embedding is a word of its own. Both are named in the prompt, as in A1111.';
const AUTOENCODERS_HELP =
  'A separate VAE can take the place of a model’s own; a tiny one (TAESD) makes the live previews sharp.';
const UPSCALERS_HELP = 'A network (ESRGAN and its kin) that makes finished pictures larger: Upscale, below a picture.';
const NONE = 'None is found by these words.';

/** What of the list words find, in an order. */
function useFound(words: string, order: SortOrder): { found: readonly LibraryEntry[]; of: number } {
  const entries = useLibrary((state) => state.entries);
  const stored = useStoredModels(({ models }) => models);
  const storedOf = ({ record: { place } }: LibraryEntry) =>
    place.kind === 'stored' ? stored.get(place.model) : undefined;
  const found = entries.filter((entry) => matches(words, entry, storedOf(entry)));
  return { found: sortedBy(order, found), of: entries.length };
}

/** Everything that Easel knows: models, and what goes with them. */
export default function ModelsView() {
  const [words, setWords] = useState('');
  const [order, setOrder] = useState<SortOrder>('used');
  const { found, of } = useFound(useDeferredValue(words), order);
  const ofKinds = (kinds: readonly FileKind[]) => found.filter(({ record }) => kinds.includes(record.kind));
  const models = ofKinds(['model']);
  const isSearch = words.trim() !== '';
  const { pickFiles, pickFolder, ...inputs } = useFilePickers();
  return (
    <main className="models" aria-label="Models">
      <div className="models-page">
        <header className="models-head">
          <div className="models-title">
            <h2>Models</h2>
            <p>
              Drop checkpoints, LoRAs, embeddings, VAEs or a model’s folder anywhere on the page. They stay on this
              device, and are read where they lie.
            </p>
          </div>
          <div className="models-add">
            <button type="button" className="button" onClick={pickFiles}>
              <FilePlus size={16} aria-hidden="true" />
              Add files…
            </button>
            <button type="button" className="button" onClick={pickFolder}>
              <FolderPlus size={16} aria-hidden="true" />
              Add a folder…
            </button>
          </div>
        </header>
        <ProblemCard />
        <ModelsToolbar words={words} onWords={setWords} order={order} onOrder={setOrder} found={found.length} of={of} />
        <ul className="model-cards" aria-label="Known models">
          {models.map((entry) => (
            <ModelCard key={entry.record.id} entry={entry} />
          ))}
          {models.length === 0 && <li className="models-none">No model is found by these words.</li>}
        </ul>
        <DiskUse />
        <GetModel />
        <div className="models-parts">
          <PartsSection
            title="LoRAs and embeddings"
            entries={ofKinds(ADAPTERS)}
            empty={isSearch ? NONE : ADAPTERS_HELP}
          />
          <PartsSection
            title="Autoencoders"
            entries={ofKinds(AUTOENCODERS)}
            empty={isSearch ? NONE : AUTOENCODERS_HELP}
          >
            <PreviewChoice />
          </PartsSection>
          <PartsSection title="Upscalers" entries={ofKinds(UPSCALERS)} empty={isSearch ? NONE : UPSCALERS_HELP} />
        </div>
      </div>
      <FileInputs {...inputs} testId="models" />
    </main>
  );
}
