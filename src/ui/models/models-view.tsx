import { FilePlus, FolderPlus } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { type FileKind, fileKinds } from '../../core/file-kinds';
import { ADAPTERS } from '../../store/library/adapters';
import { ANY_FAMILY, familiesOf, isOfFamily, matches, type SortOrder, sortedBy } from '../../store/library/find-models';
import { type LibraryEntry, useLibrary } from '../../store/library/library';
import { useStoredModels } from '../../store/library/stored-models';
import { texts } from '../../texts/models';
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
const CLASSIFIERS = fileKinds('classifiers');

/** What of the list words find among a family's things, in an order, and which families there are. */
function useFound(words: string, family: string, order: SortOrder) {
  const entries = useLibrary((state) => state.entries);
  const stored = useStoredModels(({ models }) => models);
  const storedOf = ({ record: { place } }: LibraryEntry) =>
    place.kind === 'stored' ? stored.get(place.model) : undefined;
  const found = entries.filter((entry) => isOfFamily(family, entry) && matches(words, entry, storedOf(entry)));
  return { found: sortedBy(order, found), of: entries.length, families: familiesOf(entries) };
}

/** Everything that Easel knows: models, and what goes with them. */
export default function ModelsView() {
  const [words, setWords] = useState('');
  const [order, setOrder] = useState<SortOrder>('used');
  const [family, setFamily] = useState(ANY_FAMILY);
  const { found, of, families } = useFound(useDeferredValue(words), family, order);
  const ofKinds = (kinds: readonly FileKind[]) => found.filter(({ record }) => kinds.includes(record.kind));
  const models = ofKinds(['model']);
  const isNarrowed = words.trim() !== '' || family !== ANY_FAMILY;
  const emptyOr = (help: string) => (isNarrowed ? texts.noneFound : help);
  const { pickFiles, pickFolder, ...inputs } = useFilePickers();
  return (
    <main className="models" aria-label={texts.models}>
      <div className="models-page">
        <Head pickFiles={pickFiles} pickFolder={pickFolder} />
        <ProblemCard />
        <ModelsToolbar
          words={words}
          onWords={setWords}
          family={family}
          onFamily={setFamily}
          families={families}
          order={order}
          onOrder={setOrder}
          found={found.length}
          of={of}
        />
        <ul className="model-cards" aria-label={texts.knownModels}>
          {models.map((entry) => (
            <ModelCard key={entry.record.id} entry={entry} />
          ))}
          {models.length === 0 && <li className="models-none">{texts.noModelFound}</li>}
        </ul>
        <DiskUse />
        <GetModel />
        <div className="models-parts">
          <PartsSection
            title={texts.lorasAndEmbeddings}
            entries={ofKinds(ADAPTERS)}
            empty={emptyOr(texts.adaptersHelp)}
          />
          <PartsSection
            title={texts.autoencoders}
            entries={ofKinds(AUTOENCODERS)}
            empty={emptyOr(texts.autoencodersHelp)}
          >
            <PreviewChoice />
          </PartsSection>
          <PartsSection title={texts.upscalers} entries={ofKinds(UPSCALERS)} empty={emptyOr(texts.upscalersHelp)} />
          <PartsSection
            title={texts.classifiers}
            entries={ofKinds(CLASSIFIERS)}
            empty={emptyOr(texts.classifiersHelp)}
          />
        </div>
      </div>
      <FileInputs {...inputs} testId="models" />
    </main>
  );
}

/** What the view is for, and how things come into it. */
function Head({ pickFiles, pickFolder }: Pick<ReturnType<typeof useFilePickers>, 'pickFiles' | 'pickFolder'>) {
  return (
    <header className="models-head">
      <div className="models-title">
        <h2>{texts.models}</h2>
        <p>{texts.modelsHelp}</p>
      </div>
      <div className="models-add">
        <button type="button" className="button" onClick={pickFiles}>
          <FilePlus size={16} aria-hidden="true" />
          {texts.addFiles}
        </button>
        <button type="button" className="button" onClick={pickFolder}>
          <FolderPlus size={16} aria-hidden="true" />
          {texts.addAFolder}
        </button>
      </div>
    </header>
  );
}
