import { expect, it } from 'vitest';
import { MAX_SEED } from '../../core/request/fields';
import { DEFAULT_REQUEST } from '../../core/request/request';
import type { Painting } from '../engine';
import { paintedSeed, runText, stageText } from './painting-progress';

const painting: Painting = {
  request: { ...DEFAULT_REQUEST, seed: MAX_SEED },
  job: { kind: 'words' },
  stage: 'denoise',
  step: 0,
  of: 20,
  picture: 0,
  pictures: 1,
  msPerStep: 0,
  cancelling: false,
  takenOff: [],
};

it('says what is going on, from the first step on', () => {
  expect(stageText({ ...painting, stage: 'encode-prompt' })).toBe('Reading the prompt');
  expect(stageText({ ...painting, stage: 'encode-picture' })).toBe('Reading the picture');
  expect(stageText(painting)).toBe('First step of 20');
  expect(stageText({ ...painting, step: 3 })).toBe('Step 3 of 20');
  expect(stageText({ ...painting, stage: 'decode', step: 20 })).toBe('Decoding the picture');
});

it('says the same with the time and the picture of a batch as soon as they are known', () => {
  expect(runText(painting, 0)).toBe('First step of 20');
  expect(runText({ ...painting, step: 3, msPerStep: 1000 }, 1000)).toBe('Step 3 of 20 · 18 s left · 1.00 s/step');
  expect(runText({ ...painting, picture: 1, pictures: 2, msPerStep: 1000 }, 0)).toBe(
    'picture 2 of 2 · First step of 20 · 20 s left · 1.00 s/step',
  );
});

it('names the seed that the engine paints with: after the last one comes 0, and a walk keeps its own', () => {
  expect(paintedSeed({ ...painting, picture: 1 })).toBe(0);
  const walk = { kind: 'walk', to: { seed: 3 }, pictures: 5 } as const;
  expect(paintedSeed({ ...painting, job: walk, picture: 2 })).toBe(MAX_SEED);
});
