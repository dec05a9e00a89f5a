import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { FileUse } from '../../core/file-kinds';
import {
  dismissImport,
  dismissImports,
  importAll,
  importFile,
  type PendingImport,
  setKeepsCopies,
  setPrediction,
  useImports,
  usesOfFile,
} from '../../store/imports/imports';
import { formatBytes, formatReport, PREDICTION_NAMES } from '../../store/library/labels';
import { texts } from '../../texts/models';
import { IconButton } from '../components/icon-button';
import { FitLine } from './fit-line';
import { PredictionChoice } from './prediction-choice';
import './imports-panel.css';

const USE_NAMES: Readonly<Record<FileUse, string>> = {
  'open-model': texts.openAsModel,
  'add-lora': texts.addAsLora,
  'add-embedding': texts.addAsEmbedding,
  'use-vae': texts.useAsVae,
  'use-preview': texts.useForLivePreviews,
  'use-upscaler': texts.addAsUpscaler,
  'use-classifier': texts.useAsClassifier,
  'add-to-list': texts.addToLibraryOnly,
};

/**
 * What can be done with the files that were dropped, the most likely first; nothing is done before a button is pressed.
 */
export function ImportsPanel() {
  const { imports, keepsCopies } = useImports();
  const panel = useRef<HTMLElement>(null);
  const first = imports[0]?.id;
  useEffect(() => {
    if (first !== undefined) panel.current?.querySelector<HTMLElement>('.import-use')?.focus();
  }, [first]);
  if (imports.length === 0) return null;
  return (
    <section
      ref={panel}
      className="imports"
      data-several={imports.length > 1 ? '' : undefined}
      role="dialog"
      aria-label={texts.droppedFiles}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        dismissImports();
      }}
    >
      {imports.map((pending) => (
        <ImportRow key={pending.id} pending={pending} />
      ))}
      <label className="import-keep">
        <input type="checkbox" checked={keepsCopies} onChange={({ target }) => setKeepsCopies(target.checked)} />
        {texts.keepCopies}
      </label>
      {imports.length > 1 && (
        <div className="import-foot">
          <button type="button" className="button import-all" onClick={() => void importAll()}>
            {texts.addAll(imports.length)}
          </button>
          <button type="button" className="button" onClick={dismissImports}>
            {texts.dismissAll}
          </button>
        </div>
      )}
    </section>
  );
}

function ImportRow({ pending }: { pending: PendingImport }) {
  const { id, file, report, prediction } = pending;
  return (
    <div className="import">
      <div className="import-head">
        <div className="import-file">
          <strong title={file.name}>{file.name}</strong>
          <p>
            {formatReport(report)} · {formatBytes(file.size)}
          </p>
          {report.kind === 'model' && (
            <p>
              <FitLine shape={report.shape} />
            </p>
          )}
        </div>
        <IconButton icon={X} label={texts.dismiss(file.name)} onClick={() => dismissImport(id)} />
      </div>
      {prediction !== undefined && (
        <div className="import-question">
          <p>{texts.predictionUnknown(PREDICTION_NAMES[prediction])}</p>
          <PredictionChoice
            label={texts.whatItPredicts(file.name)}
            value={prediction}
            onChange={(value) => setPrediction(id, value)}
          />
        </div>
      )}
      <div className="import-uses">
        {usesOfFile(report).map((use, at) => (
          <button
            key={use}
            type="button"
            className={`button import-use ${at === 0 ? 'import-first' : ''}`}
            onClick={() => void importFile(pending, use)}
          >
            {USE_NAMES[use]}
          </button>
        ))}
      </div>
    </div>
  );
}
