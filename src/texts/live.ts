import { section } from './section';

/** A picture's size and steps, as a sentence names them. */
export interface Reach {
  width: number;
  height: number;
  steps: number;
}

const sizeText = ({ width, height }: Reach) => `${width} × ${height}`;

/** Texts of painting live: `ui/live`, and why it waits. */
export const texts = section('live', {
  live: 'Live',
  liveHint: 'Paint while you type, move a slider or sketch',
  livePicture: 'Live picture',
  keep: 'Keep',
  kept: 'Kept',
  keepHint: 'Put this picture into the results',
  anotherSeed: 'Another seed',
  isNotKept: 'not kept',
  facts: ({ reach, seed, fast, ms }: { reach: Reach; seed: number; fast: boolean; ms: string }) =>
    [
      sizeText(reach),
      `${reach.steps === 1 ? '1 step' : `${reach.steps} steps`}${fast ? ' (Fast)' : ''}`,
      `seed ${seed}`,
      `${ms} after the change`,
    ].join(' · '),
  comes: 'The first live picture is on its way.',
  tooSlow: (took: string) => `Live waits: here a picture takes about ${took}, and it needs one in less than a second.`,
  fewerSteps: ({ steps }: Reach) => (steps === 1 ? '1 step would do.' : `${steps} steps would do.`),
  smaller: (reach: Reach) =>
    `${sizeText(reach)} with ${reach.steps === 1 ? '1 step' : `${reach.steps} steps`} would do.`,
  fasterDevice: 'It needs a faster device: a graphics card, or a smaller model.',
});
