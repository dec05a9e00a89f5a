import { texts } from '../../texts/store';
import type { Painting } from './jobs';
import { measuredDuration, spokenDuration, timeLeftMs } from './time-left';

/** What a run is doing: "Step 3 of 20". */
export function stageText({ tile, ...painting }: Pick<Painting, 'stage' | 'step' | 'of' | 'tile'>): string {
  const text = textOfStage(painting);
  return tile ? texts.atTile(texts.tileOf(tile.number, tile.of), text) : text;
}

function textOfStage({ stage, step, of }: Pick<Painting, 'stage' | 'step' | 'of'>): string {
  switch (stage) {
    case 'encode-prompt':
      return texts.encodingPrompt;
    case 'encode-picture':
      return texts.readingThePicture;
    case 'denoise':
      return step > 0 ? texts.stepOf(step, of) : texts.firstStepOf(of);
    case 'decode':
      return texts.decodingThePicture;
    case 'upscale':
      return step > 0 ? texts.tileOf(step, of) : texts.upscaling;
    case 'read-model':
    case 'create-sessions':
      return texts.preparingTheModel;
    default:
      return stage satisfies never;
  }
}

/**
 * The same with which picture of the run it is, what is left of the run and how fast it goes, as far as that is known.
 */
export function runText(painting: Painting, decodeMs: number): string {
  const { picture, pictures, msPerStep } = painting;
  const left = timeLeftMs({ ...painting, decodeMs });
  const parts = [
    pictures > 1 ? texts.pictureOf(picture + 1, pictures) : undefined,
    stageText(painting),
    left === undefined ? undefined : texts.timeLeft(spokenDuration(left)),
    msPerStep > 0 ? texts.perStep(measuredDuration(msPerStep)) : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}
