import { FilePlus, FolderPlus } from 'lucide-react';
import { useShallow } from 'zustand/react/shallow';
import { fileKinds } from '../../core/file-kinds';
import { ADAPTERS } from '../../store/library/adapters';
import { entriesOf, useLibrary } from '../../store/library/library';
import { ProblemCard } from '../stage/problem-card';
import { FileInputs, useFilePickers } from './file-inputs';
import { GetModel } from './get-model';
import { ModelCard } from './model-card';
import { PartsSection } from './parts-section';
import { PreviewChoice } from './preview-choice';
import './models-view.css';

const AUTOENCODERS = fileKinds('autoencoders');

/** Everything that Easel knows: models, and what goes with them. */
export default function ModelsView() {
  const models = useLibrary(useShallow((state) => entriesOf(['model'], state)));
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
        <ul className="model-cards" aria-label="Known models">
          {models.map((entry) => (
            <ModelCard key={entry.record.id} entry={entry} />
          ))}
        </ul>
        <GetModel />
        <div className="models-parts">
          <PartsSection
            title="LoRAs and embeddings"
            kinds={ADAPTERS}
            empty="A LoRA changes what a model paints; an embedding is a word of its own. Both are named in the prompt, as in A1111."
          />
          <PartsSection
            title="Autoencoders"
            kinds={AUTOENCODERS}
            empty="A separate VAE can take the place of a model’s own; a tiny one (TAESD) makes the live previews sharp."
          >
            <PreviewChoice />
          </PartsSection>
        </div>
      </div>
      <FileInputs {...inputs} testId="models" />
    </main>
  );
}
