import type { Painting } from './jobs';
import { measuredDuration, spokenDuration, timeLeftMs } from './time-left';

/** What a run is doing: "Step 3 of 20". */
export function stageText({ tile, ...painting }: Pick<Painting, 'stage' | 'step' | 'of' | 'tile'>): string {
  const text = textOfStage(painting);
  return tile ? `Tile ${tile.number} of ${tile.of} · ${text}` : text;
}

function textOfStage({ stage, step, of }: Pick<Painting, 'stage' | 'step' | 'of'>): string {
  switch (stage) {
    case 'encode-prompt':
      return 'Encoding prompt';
    case 'encode-picture':
      return 'Reading the picture';
    case 'denoise':
      return step > 0 ? `Step ${step} of ${of}` : `First step of ${of}`;
    case 'decode':
      return 'Decoding the picture';
    case 'upscale':
      return step > 0 ? `Tile ${step} of ${of}` : 'Upscaling';
    case 'read-model':
    case 'create-sessions':
      return 'Preparing the model';
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
    pictures > 1 ? `picture ${picture + 1} of ${pictures}` : undefined,
    stageText(painting),
    left === undefined ? undefined : `${spokenDuration(left)} left`,
    msPerStep > 0 ? `${measuredDuration(msPerStep)}/step` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}
