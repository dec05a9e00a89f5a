import { beforeEach, expect, it } from 'vitest';
import { DEFAULT_REQUEST, type GenerationRequest } from '../../core/request/request';
import { remainingOf } from '../../jobs/queue';
import { useEngine } from '../engine';
import { resetJobs } from '../fixtures/reset-jobs';
import type { ResultRecord } from '../gallery/result-record';
import { useNotices } from '../notices';
import { paintBetween } from './between';
import { canPaintAgain } from './from-result';
import { queue } from './jobs';
import { readQueueRecord, writeQueueRecord } from './queue-record';

beforeEach(() => {
  resetJobs();
  useEngine.setState(useEngine.getInitialState(), true);
  useNotices.setState({ notices: [] });
});

const record = (number: number, fields: Partial<GenerationRequest>): ResultRecord => ({
  v: 1,
  id: `r${number}`,
  number,
  paintedAt: 0,
  model: 'A',
  picture: '',
  width: 512,
  height: 512,
  request: { ...DEFAULT_REQUEST, seed: number, ...fields },
  parameters: '',
  timings: { encodeMs: 0, denoiseMs: 0, decodeMs: 0, totalMs: 0 },
});

it('pictures between two results go from the one’s noise and words to the other’s, and say where they stand', () => {
  const from = record(5, { prompt: 'a fox', variationSeed: 3, variationStrength: 0.2, steps: 9 });
  const to = record(12, { prompt: 'a cat', negativePrompt: 'blurry', steps: 20, sampler: 'heun' });
  paintBetween(from, to, 3);
  const grids = readQueueRecord(structuredClone(writeQueueRecord(remainingOf(queue.state))));
  const children = grids?.[0].children ?? [];
  expect(children.map(({ mix }) => mix?.share)).toEqual([0.25, 0.5, 0.75]);
  expect(children[0].mix).toMatchObject({ seed: 12, variationStrength: 0, prompt: 'a cat', negativePrompt: 'blurry' });
  expect(children[0].request).toMatchObject({ prompt: 'a fox', seed: 5, variationStrength: 0.2, steps: 9 });
  expect(children.map(({ origin }) => origin?.detail)).toEqual([
    '25% on the way to picture 12',
    '50% on the way to picture 12',
    '75% on the way to picture 12',
  ]);
  expect(children[0].origin).toMatchObject({ number: 5, id: 'r5', way: 'between' });
  expect(useNotices.getState().notices.map(({ text }) => text)).toEqual(['As in picture 5, not as in picture 12: Sampler, Steps.']); // biome-ignore format: one line
  expect(canPaintAgain({ ...from, origin: children[0].origin })).toBe(false);
});
