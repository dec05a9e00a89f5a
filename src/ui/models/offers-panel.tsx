import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { FileUse } from '../../core/file-kinds';
import {
  dismissOffer,
  dismissOffers,
  type Offer,
  setPrediction,
  takeAllOffers,
  takeOffer,
  useOffers,
  usesOfFile,
} from '../../store/imports/imports';
import { PREDICTION_NAMES, reportWords, sizeWords } from '../../store/library/model-words';
import { IconButton } from '../components/icon-button';
import { PredictionChoice } from './prediction-choice';
import './offers-panel.css';

const USE_NAMES: Readonly<Record<FileUse, string>> = {
  'open-model': 'Open as model',
  'add-lora': 'Add as LoRA',
  'add-embedding': 'Add as embedding',
  'use-vae': 'Use as VAE',
  'use-preview': 'Use for live previews',
  'add-to-list': 'Only add to the list',
};

/**
 * What can be done with the files that were dropped, the most likely first; nothing is done before a button is pressed.
 */
export function OffersPanel() {
  const offers = useOffers((state) => state.offers);
  const panel = useRef<HTMLElement>(null);
  const first = offers[0]?.id;
  useEffect(() => {
    if (first !== undefined) panel.current?.querySelector<HTMLElement>('.offer-use')?.focus();
  }, [first]);
  if (offers.length === 0) return null;
  return (
    <section
      ref={panel}
      className="offers"
      data-several={offers.length > 1 ? '' : undefined}
      role="dialog"
      aria-label="Dropped files"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        dismissOffers();
      }}
    >
      {offers.map((offer) => (
        <OfferRow key={offer.id} offer={offer} />
      ))}
      {offers.length > 1 && (
        <div className="offer-foot">
          <button type="button" className="button offer-all" onClick={() => void takeAllOffers()}>
            Add all {offers.length} to the lists
          </button>
          <button type="button" className="button" onClick={dismissOffers}>
            Leave them
          </button>
        </div>
      )}
    </section>
  );
}

function OfferRow({ offer }: { offer: Offer }) {
  const { id, file, report, prediction } = offer;
  return (
    <div className="offer">
      <div className="offer-head">
        <div className="offer-file">
          <strong title={file.name}>{file.name}</strong>
          <p>
            {reportWords(report)} · {sizeWords(file.size)}
          </p>
        </div>
        <IconButton icon={X} label={`Leave ${file.name}`} onClick={() => dismissOffer(id)} />
      </div>
      {prediction !== undefined && (
        <div className="offer-question">
          <p>
            The file does not say what this model predicts. {PREDICTION_NAMES[prediction]} is the more likely; if its
            pictures come out as brown or grey noise, it is the other, which the models view can change.
          </p>
          <PredictionChoice
            label={`What ${file.name} predicts`}
            value={prediction}
            onChange={(value) => setPrediction(id, value)}
          />
        </div>
      )}
      <div className="offer-uses">
        {usesOfFile(report).map((use, at) => (
          <button
            key={use}
            type="button"
            className={`button offer-use ${at === 0 ? 'offer-first' : ''}`}
            onClick={() => void takeOffer(offer, use)}
          >
            {USE_NAMES[use]}
          </button>
        ))}
      </div>
    </div>
  );
}
